package pdf

import (
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

// Language has the labels of the documents. Names are never translated.
type Language struct {
	block  func(domain.SeatID) string // section and subsection
	seat   func(domain.SeatID) string // row and seat
	seats  string                     // a list of seats, as %s
	ticket string                     // the number of a ticket, as %s
	order  string                     // the number of a booking, as %s
	date   func(time.Time) string
}

// English is the default.
var English = Language{
	block: func(s domain.SeatID) string {
		return fmt.Sprintf("Section %s · Subsection %d", s.Section, s.Subsection)
	},
	seat:   func(s domain.SeatID) string { return fmt.Sprintf("Row %d · Seat %d", s.Row, s.Seat) },
	seats:  "Seats %s",
	ticket: "Ticket %s",
	order:  "Booking %s",
	date:   func(at time.Time) string { return at.Format("Monday 2 January 2006 15:04") },
}

var traditionalChinese = Language{
	block:  func(s domain.SeatID) string { return fmt.Sprintf("%s 區 · 第 %d 分區", s.Section, s.Subsection) },
	seat:   func(s domain.SeatID) string { return fmt.Sprintf("第 %d 排 · %d 號", s.Row, s.Seat) },
	seats:  "座位 %s",
	ticket: "票號 %s",
	order:  "訂單 %s",
	date: func(at time.Time) string {
		return at.Format("2006年1月2日 星期") + string([]rune("日一二三四五六")[at.Weekday()]) + at.Format(" 15:04")
	},
}

// Languages has all languages by their BCP 47 tags.
var Languages = map[string]Language{"en": English, "zh-Hant": traditionalChinese}
