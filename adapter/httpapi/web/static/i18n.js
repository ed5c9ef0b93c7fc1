// Texts in English and Traditional Chinese, times and money by Intl.

const texts = {
  en: {
    'app.events': 'Events', 'app.bookings': 'My bookings', 'app.sell': 'Sell', 'app.login': 'Log in', 'app.logout': 'Log out', 'app.skip': 'Skip to content', 'app.language': '中文', 'app.api': 'API', 'app.loading': 'Loading …', 'app.again': 'Try again',
    'live.live': 'live', 'live.reconnecting': 'reconnecting …',
    'home.title': 'On sale now', 'home.none': 'Nothing is on sale yet. A seller can create an event.', 'home.left': '{n} of {all} seats left', 'home.more': 'Show more',
    'welcome.title': 'New here? Try it.', 'welcome.text': 'This installation has a demo. Be its buyer: open an event, let the best seats be found or pick some by hand, and pay with a sandbox card. Or be its seller, and watch what is sold. Two windows side by side show the map changing in both.', 'welcome.buyer': 'Be the demo buyer', 'welcome.seller': 'Be the demo seller',
    'login.title': 'Log in', 'login.email': 'E-mail', 'login.password': 'Password', 'login.do': 'Log in', 'login.new': 'New here? Create an account', 'login.have': 'I have an account', 'register.title': 'Create an account', 'register.name': 'Name', 'register.role': 'I want to', 'register.buyer': 'buy tickets', 'register.seller': 'sell tickets', 'register.do': 'Create the account',
    'event.by': 'sold by {seller}', 'event.closed': 'The sale is closed.', 'event.section': 'Section', 'event.any': 'any', 'event.show': 'Show section {section} on the map', 'event.subsection': 'Block', 'event.price': 'Price', 'event.left': 'Free', 'event.max': 'at most {n} tickets a booking',
    'pick.best': 'Best available', 'pick.hand': 'By hand', 'pick.how': 'How to pick', 'pick.quantity': 'Tickets', 'pick.together': 'only if all of them can be had', 'pick.find': 'Find the best seats', 'pick.book': 'Book {n} for {price}', 'pick.none': 'Zoom in and click free seats on the map, or use the grid below it.', 'pick.clear': 'Clear', 'pick.max': 'At most {n} tickets a booking.', 'pick.block': 'Seats of one booking are of one block: your earlier picks were let go.', 'pick.taken': '{seat} was just taken by someone else and is no longer among your picks.', 'pick.login': 'Log in as a buyer to book.',
    'seat.available': 'free', 'seat.reserved': 'held', 'seat.sold': 'sold', 'seat.picked': 'picked', 'seat.mine': 'yours',
    'map.label': 'Map of the hall', 'map.closer': 'Zoom in', 'map.farther': 'Zoom out', 'map.whole': 'Whole hall', 'map.front': 'Front',
    'grid.label': 'Seats of block {block}', 'grid.seat': 'row {row} seat {seat}, {state}', 'grid.open': 'Block as a grid', 'grid.rows': 'Rows {from} to {to}', 'grid.before': 'Rows before', 'grid.after': 'Rows after',
    'booking.title': 'Booking', 'booking.none': 'You have not booked anything yet.', 'booking.processing': 'Finding your seats …', 'booking.pending_payment': 'Waiting for payment', 'booking.paid': 'Paid', 'booking.cancelled': 'Cancelled', 'booking.failed': 'No seats', 'booking.expired': 'The time to pay ran out.', 'booking.by_buyer': 'Cancelled by you.',
    'booking.got': 'You have {seats}.', 'booking.fewer': 'You asked for {asked} and got {got}: someone else was faster for the rest.', 'booking.missed': 'Not to be had: {seats}.', 'booking.near': 'Free next to them:', 'booking.pick': 'Pick {seat}',
    'booking.sold_out': 'This part of the hall is sold out.', 'booking.not_enough_seats': 'There are not enough seats left for all of you here.', 'booking.seats_taken': 'Someone else was faster: these seats were taken in the moment you asked for them.', 'booking.no_seats_given': 'No seats were asked for.', 'booking.not_processable': 'The request could not be read.',
    'booking.left': 'Time to pay: {time}', 'booking.over': 'The time to pay is over.', 'booking.cancel': 'Cancel the booking', 'booking.sure': 'Give these seats back?', 'booking.open': 'Open', 'booking.total': 'Total', 'booking.when': 'Booked', 'booking.event': 'Event', 'booking.seats': 'Seats', 'booking.state': 'State', 'booking.event_of': 'To the event',
    'pay.card': 'Card number', 'pay.do': 'Pay {total}', 'pay.sandbox': 'This is a sandbox: no money moves.', 'pay.good': 'a card that pays', 'pay.bad': 'a card that is declined', 'pay.slow': 'a card that never answers', 'pay.wait': 'Asking the card …',
    'tickets.title': 'Tickets', 'tickets.code': 'QR code of ticket {seat}', 'tickets.row': 'Row', 'tickets.seat': 'Seat', 'tickets.pdf': 'Tickets as PDF', 'tickets.ics': 'Add to calendar', 'tickets.thanks': 'Paid. These seats are yours.',
    'sell.title': 'My events', 'sell.new': 'Create an event', 'sell.none': 'You sell nothing yet.', 'sell.desk': 'Desk', 'sell.status': 'State', 'sell.on_sale': 'on sale', 'sell.closed': 'closed', 'sell.creating': 'being opened', 'sell.only': 'Log in as a seller for this page.',
    'new.title': 'Create an event', 'new.name': 'Name', 'new.venue': 'Venue', 'new.description': 'Description', 'new.starts': 'Begins', 'new.zone': 'Time zone', 'new.currency': 'Currency', 'new.max': 'Tickets a booking, at most', 'new.sections': 'Seating', 'new.section': 'Section', 'new.price': 'Price', 'new.blocks': 'Blocks', 'new.rows': 'Rows', 'new.seats': 'Seats a row', 'new.lengths': 'Rows of different lengths', 'new.lengths.help': 'seats of each row from the front, for example 10, 12, 14', 'new.aisles': 'Aisles', 'new.aisles.help': 'after the seats …, for example 5, 15', 'new.more': 'Add blocks', 'new.also': 'more blocks of {section}', 'new.again': 'Start over', 'new.most': 'An event has at most {n} seats.', 'new.add': 'Add a section', 'new.remove': 'Remove', 'new.preview': 'Preview: {n} seats', 'new.do': 'Put on sale', 'new.wait': 'Opening the sale …', 'new.copy': 'Copy',
    'desk.title': 'Desk', 'desk.sold': 'Sold', 'desk.held': 'Held', 'desk.free': 'Free', 'desk.revenue': 'Revenue', 'desk.bookings': 'Bookings', 'desk.rate': 'Bookings a second', 'desk.look': 'Look again', 'desk.none': 'There are none.', 'desk.holder_name': 'Who has it', 'desk.time': 'Sold over time', 'desk.sections': 'By section', 'desk.price': 'Change', 'desk.save': 'Save', 'desk.saved': 'Saved.', 'desk.close': 'Close the sale', 'desk.sure': 'Close the sale? Nobody can book afterwards. What is booked can still be paid.', 'desk.csv': 'Tickets as CSV', 'desk.who': 'Click a seat to see who has it.', 'desk.holder': '{seat}: {state}, {name} ({email})', 'desk.nobody': '{seat}: {state}', 'desk.edit': 'Change the event',
    'error.offline': 'The server does not answer. Your input is still here; try again.', 'error.catalogue_unavailable': 'Sales pause for a moment. Try again.', 'error.overloaded': 'Very many people are booking right now. Try again in a moment.', 'error.invalid_credentials': 'E-mail or password is wrong.', 'error.email_taken': 'There is an account with this e-mail.', 'error.event_closed': 'The sale is closed.', 'error.card_declined': 'The card was declined. Nothing was charged; try again or with another card.', 'error.payment_timeout': 'The card did not answer in time and is not charged. Try again, or with another card.', 'error.payment_window_over': 'The time to pay is over: the seats are free again.', 'error.already_paid': 'This booking is paid already.', 'error.booking_cancelled': 'This booking was cancelled.', 'error.booking_processing': 'Your seats are still being looked for. Try again in a moment.', 'error.unauthorized': 'Your session has ended. Log in again.', 'error.wrong_role': 'Your account may not do this.', 'error.too_many_attempts': 'Too many failed attempts. Try again later.', 'error.event_not_found': 'There is no such event.', 'error.booking_not_found': 'You have no such booking.', 'error.seats_unavailable': 'The seats cannot be read at the moment. Try again.', 'error.unavailable': 'The service does not answer at the moment. Try again.',
    'missing.title': 'There is no such page.', 'api.title': 'API', 'api.text': 'Everything on these pages is done through this API.', 'api.rest': 'HTTP, openapi.yaml', 'api.messages': 'Messages, asyncapi.yaml',
  },
  'zh-Hant': {
    'app.events': '活動', 'app.bookings': '我的訂單', 'app.sell': '售票', 'app.login': '登入', 'app.logout': '登出', 'app.skip': '跳到內容', 'app.language': 'English', 'app.api': 'API', 'app.loading': '載入中…', 'app.again': '再試一次',
    'live.live': '即時', 'live.reconnecting': '重新連線中…',
    'home.title': '熱賣中', 'home.none': '目前沒有活動。賣家可以建立活動。', 'home.left': '剩餘 {n} / {all} 個座位', 'home.more': '顯示更多',
    'welcome.title': '第一次來嗎？試試看。', 'welcome.text': '這裡有一個示範活動。以示範買家身分：打開活動，讓系統找出最佳座位或自己挑選，再用測試卡付款。或以示範賣家身分，即時觀看銷售。開兩個視窗並排，可以看到兩邊的座位圖一起變化。', 'welcome.buyer': '成為示範買家', 'welcome.seller': '成為示範賣家',
    'login.title': '登入', 'login.email': '電子郵件', 'login.password': '密碼', 'login.do': '登入', 'login.new': '第一次來？建立帳號', 'login.have': '我已有帳號', 'register.title': '建立帳號', 'register.name': '姓名', 'register.role': '我想要', 'register.buyer': '買票', 'register.seller': '賣票', 'register.do': '建立帳號',
    'event.by': '由 {seller} 售票', 'event.closed': '售票已結束。', 'event.section': '區域', 'event.any': '不限', 'event.show': '在座位圖顯示 {section} 區', 'event.subsection': '分區', 'event.price': '票價', 'event.left': '剩餘', 'event.max': '每筆訂單最多 {n} 張',
    'pick.best': '最佳座位', 'pick.hand': '自行選位', 'pick.how': '選位方式', 'pick.quantity': '張數', 'pick.together': '座位不足時不要', 'pick.find': '尋找最佳座位', 'pick.book': '訂購 {n} 張，{price}', 'pick.none': '放大座位圖並點選空位，或使用下方的座位表。', 'pick.clear': '清除', 'pick.max': '每筆訂單最多 {n} 張。', 'pick.block': '一筆訂單的座位須在同一分區：先前的選擇已取消。', 'pick.taken': '{seat} 剛被別人買走，已從您的選擇中移除。', 'pick.login': '請以買家身分登入後訂票。',
    'seat.available': '空位', 'seat.reserved': '保留中', 'seat.sold': '已售出', 'seat.picked': '已選', 'seat.mine': '您的座位',
    'map.label': '座位圖', 'map.closer': '放大', 'map.farther': '縮小', 'map.whole': '全部', 'map.front': '前方',
    'grid.label': '{block} 分區座位', 'grid.seat': '第 {row} 排 {seat} 號，{state}', 'grid.open': '以表格顯示分區', 'grid.rows': '第 {from} 至 {to} 排', 'grid.before': '前面的排', 'grid.after': '後面的排',
    'booking.title': '訂單', 'booking.none': '您還沒有訂票。', 'booking.processing': '正在尋找座位…', 'booking.pending_payment': '等待付款', 'booking.paid': '已付款', 'booking.cancelled': '已取消', 'booking.failed': '沒有座位', 'booking.expired': '付款時間已過', 'booking.by_buyer': '由您取消',
    'booking.got': '您的座位：{seats}。', 'booking.fewer': '您要 {asked} 張，得到 {got} 張：其餘被別人搶先一步。', 'booking.missed': '沒有取得：{seats}。', 'booking.near': '旁邊的空位：', 'booking.pick': '選擇 {seat}',
    'booking.sold_out': '這一區已售完。', 'booking.not_enough_seats': '這裡剩餘的座位不夠。', 'booking.seats_taken': '有人搶先一步：這些座位在您訂購的瞬間被買走。', 'booking.no_seats_given': '沒有選擇座位。', 'booking.not_processable': '無法讀取此請求。',
    'booking.left': '付款剩餘時間：{time}', 'booking.over': '付款時間已過。', 'booking.cancel': '取消訂單', 'booking.sure': '要放棄這些座位嗎？', 'booking.open': '查看', 'booking.total': '總計', 'booking.when': '訂購時間', 'booking.event': '活動', 'booking.seats': '座位', 'booking.state': '狀態', 'booking.event_of': '前往活動',
    'pay.card': '卡號', 'pay.do': '支付 {total}', 'pay.sandbox': '這是測試環境：不會真的扣款。', 'pay.good': '可付款的卡', 'pay.bad': '會被拒絕的卡', 'pay.slow': '沒有回應的卡', 'pay.wait': '正在詢問發卡行…',
    'tickets.title': '票券', 'tickets.code': '票券 {seat} 的 QR 碼', 'tickets.row': '排', 'tickets.seat': '號', 'tickets.pdf': '票券 PDF', 'tickets.ics': '加入行事曆', 'tickets.thanks': '付款完成，座位是您的了。',
    'sell.title': '我的活動', 'sell.new': '建立活動', 'sell.none': '您還沒有活動。', 'sell.desk': '銷售台', 'sell.status': '狀態', 'sell.on_sale': '售票中', 'sell.closed': '已結束', 'sell.creating': '開賣中', 'sell.only': '請以賣家身分登入。',
    'new.title': '建立活動', 'new.name': '名稱', 'new.venue': '場地', 'new.description': '說明', 'new.starts': '開始時間', 'new.zone': '時區', 'new.currency': '幣別', 'new.max': '每筆訂單最多張數', 'new.sections': '座位', 'new.section': '區域', 'new.price': '票價', 'new.blocks': '分區數', 'new.rows': '排數', 'new.seats': '每排座位', 'new.lengths': '不同長度的排', 'new.lengths.help': '由前往後每排的座位數，例如 10, 12, 14', 'new.aisles': '走道', 'new.aisles.help': '在第幾個座位之後，例如 5, 15', 'new.more': '新增分區', 'new.also': '{section} 的其他分區', 'new.again': '重新開始', 'new.most': '一個活動最多 {n} 個座位。', 'new.add': '新增區域', 'new.remove': '移除', 'new.preview': '預覽：{n} 個座位', 'new.do': '開始售票', 'new.wait': '開賣中…', 'new.copy': '複製',
    'desk.title': '銷售台', 'desk.sold': '已售', 'desk.held': '保留', 'desk.free': '空位', 'desk.revenue': '營收', 'desk.bookings': '訂單', 'desk.rate': '每秒訂單', 'desk.look': '重新整理', 'desk.none': '沒有資料。', 'desk.holder_name': '持有人', 'desk.time': '銷售時間線', 'desk.sections': '依區域', 'desk.price': '修改', 'desk.save': '儲存', 'desk.saved': '已儲存。', 'desk.close': '結束售票', 'desk.sure': '要結束售票嗎？之後無法再訂購，已訂的仍可付款。', 'desk.csv': '票券 CSV', 'desk.who': '點選座位查看持有人。', 'desk.holder': '{seat}：{state}，{name}（{email}）', 'desk.nobody': '{seat}：{state}', 'desk.edit': '修改活動',
    'error.offline': '伺服器沒有回應。您的輸入還在；請再試一次。', 'error.catalogue_unavailable': '售票暫停片刻，請再試一次。', 'error.overloaded': '目前非常多人訂票，請稍後再試。', 'error.invalid_credentials': '電子郵件或密碼錯誤。', 'error.email_taken': '此電子郵件已有帳號。', 'error.event_closed': '售票已結束。', 'error.card_declined': '卡片被拒絕。沒有扣款；請再試一次或換一張卡。', 'error.payment_timeout': '卡片未及時回應，沒有扣款。請再試一次或換一張卡。', 'error.payment_window_over': '付款時間已過，座位已釋出。', 'error.already_paid': '此訂單已付款。', 'error.booking_cancelled': '此訂單已取消。', 'error.booking_processing': '仍在尋找座位，請稍後再試。', 'error.unauthorized': '登入已失效，請重新登入。', 'error.wrong_role': '您的帳號無法執行此操作。', 'error.too_many_attempts': '失敗次數過多，請稍後再試。', 'error.event_not_found': '沒有這個活動。', 'error.booking_not_found': '您沒有這筆訂單。', 'error.seats_unavailable': '目前無法讀取座位，請再試一次。', 'error.unavailable': '服務暫時沒有回應，請再試一次。',
    'missing.title': '沒有這個頁面。', 'api.title': 'API', 'api.text': '這些頁面的一切都透過此 API 完成。', 'api.rest': 'HTTP，openapi.yaml', 'api.messages': '訊息，asyncapi.yaml',
  },
}

let language = localStorage.getItem('language') || (navigator.language.startsWith('zh') ? 'zh-Hant' : 'en')

export const lang = () => language

export function setLanguage(to) {
  language = to
  localStorage.setItem('language', to)
  document.documentElement.lang = to
}

setLanguage(language)

// t is a text with its {parts} filled in.
export function t(key, parts = {}) {
  const text = texts[language][key] ?? texts.en[key] ?? key
  return text.replace(/\{(\w+)\}/g, (whole, name) => parts[name] ?? whole)
}

// has tells whether there is such a text.
export const has = key => key in texts.en

// formats are kept: to make one takes longer than to use it a hundred times.
const formats = new Map()

function format(options) {
  const key = language + JSON.stringify(options)
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(language, options))
  return formats.get(key)
}

export const number = n => format().format(n)

export function money(m) {
  if (!m) return '–'
  // The API's minor units are those of ISO 4217; Intl shows some without them.
  return format({ style: 'currency', currency: m.currency, minimumFractionDigits: 0 }).format(m.amount / 10 ** iso4217(m.currency))
}

const odd = { BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3, BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0 }

// iso4217 is the number of digits of a currency's minor unit.
export const iso4217 = currency => odd[currency] ?? 2

// when is a time as the clocks of a place show it, which is named if it is not here.
export function when(iso, timeZone) {
  const text = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short', timeZone }).format(new Date(iso))
  return timeZone === Intl.DateTimeFormat().resolvedOptions().timeZone ? text : `${text} (${timeZone})`
}

export const shortly = iso => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso))

// said is what a person is told of an error.
export function said(error) {
  if (error?.code && has('error.' + error.code)) return t('error.' + error.code)
  if (error?.code && has('booking.' + error.code)) return t('booking.' + error.code)
  if (error?.errors?.length) return error.errors.map(e => `${e.pointer.replace(/^\//, '').replaceAll('/', ' › ')}: ${e.detail}`).join('\n')
  return error?.message || String(error)
}
