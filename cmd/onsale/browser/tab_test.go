package browser_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// tab is a page in a browser with cookies of its own.
type tab struct {
	t   testing.TB
	in  *e2e.Installation
	ctx context.Context

	mu     sync.Mutex
	errors []string
}

// eventPage returns the path of an event's page for buyers.
func eventPage(event int64) string { return fmt.Sprintf("/events/%d", event) }

// deskPage returns the path of an event's page for its seller.
func deskPage(event int64) string { return fmt.Sprintf("/sell/%d", event) }

// openBrowser starts a headless Chromium.
func openBrowser(in *e2e.Installation, t testing.TB) *tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("there is no chromium; scripts/install.sh browser installs it")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900), chromedp.Flag("lang", "en"))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(alloc)
	ctx, timeout := context.WithTimeout(ctx, 3*time.Minute)
	b := &tab{t: t, in: in, ctx: ctx}
	b.watch()
	t.Cleanup(func() {
		timeout()
		cancel()
		stop()
	})
	return b
}

// another opens a second page in the same browser.
func (b *tab) another() *tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	other := &tab{t: b.t, in: b.in, ctx: ctx}
	other.watch()
	return other
}

// watch fails the test if a page throws an exception or the content security
// policy blocks something.
func (b *tab) watch() {
	b.t.Helper()
	if err := chromedp.Do(b.ctx); err != nil { // waits for the page
		b.t.Fatal(err)
	}
	heed(b, runtime.ExceptionThrown, func(e runtime.EventExceptionThrown) string {
		return fmt.Sprintf("%s %+v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception)
	})
	heed(b, log.EntryAdded, func(e log.EventEntryAdded) string {
		if string(e.Entry.Source) == "security" || strings.Contains(e.Entry.Text, "Content Security Policy") {
			return e.Entry.Text
		}
		return ""
	})
	heed(b, network.RequestWillBeSent, func(e network.EventRequestWillBeSent) string {
		if url := e.Request.URL; !strings.HasPrefix(url, b.in.URL("/")) && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "about:") {
			return "asked somebody else: " + url
		}
		return ""
	})
	heed(b, page.JavascriptDialogOpening, func(page.EventJavascriptDialogOpening) string {
		_, _ = chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true}) // confirms
		return ""
	})
	b.t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, e := range b.errors {
			b.t.Errorf("the page: %s", e)
		}
	})
}

// heed keeps the complaint of each event that has one.
func heed[E any](b *tab, event cdp.Event[E], complaint func(E) string) {
	events := chromedp.Events(b.ctx, event)
	go func() {
		for e, err := range events {
			if err != nil {
				return
			}
			if text := complaint(e); text != "" {
				b.mu.Lock()
				b.errors = append(b.errors, text)
				b.mu.Unlock()
			}
		}
	}()
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("%v; %s", err, b.said())
	}
}

// said returns what the page shows, for the message of a failed test.
func (b *tab) said() string {
	text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string](`(document.querySelector('aside') ?? document.body).innerText`))
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("the page says:\n%.2000s\n%v", text, b.errors)
}

// js runs a statement in the page.
func js(line string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Evaluate[bool]("(() => {"+line+"; return true})()")(ctx, t)
		return err
	})
}

func (b *tab) open(path string) { b.t.Helper(); b.do(chromedp.Navigate(b.in.URL(path))) }

// sees waits until the page shows a text.
func (b *tab) sees(text string) {
	b.t.Helper()
	b.until("the page says "+text, fmt.Sprintf(`document.body.innerText.includes(%q)`, text))
}

// until waits until an expression is true.
func (b *tab) until(what, expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool]("!!("+expression+")", chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(0))); err != nil {
		b.t.Fatalf("waited for: %s (%v); %s", what, err, b.said())
	}
}

// press clicks the button or link that begins with a text.
func (b *tab) press(text string) {
	b.t.Helper()
	b.until("there is "+text, fmt.Sprintf(`[...document.querySelectorAll('button, a, summary, [role=tab]')].some(e => e.innerText.trim().startsWith(%q) && !e.disabled)`, text))
	b.do(js(fmt.Sprintf(`[...document.querySelectorAll('button, a, summary, [role=tab]')].find(e => e.innerText.trim().startsWith(%q) && !e.disabled).click()`, text)))
}

// fill writes a value into the input of that name.
func (b *tab) fill(name, value string) {
	b.t.Helper()
	sel := `[name="` + name + `"]`
	b.until("there is a field "+name, fmt.Sprintf(`!!document.querySelector(%q)`, sel))
	b.do(js(fmt.Sprintf(`(e => { e.value = %q; e.dispatchEvent(new Event('input', {bubbles: true})); e.dispatchEvent(new Event('change', {bubbles: true})) })(document.querySelector(%q))`, value, sel)))
}

func (b *tab) logIn(email string) {
	b.t.Helper()
	b.open("/login")
	b.fill("email", b.in.Email(email))
	b.fill("password", e2e.Password)
	b.do(js(`document.querySelector('form').requestSubmit()`))
	b.until("logged in", `!!document.querySelector('.who .name')`)
}

// watches logs in, opens a page and waits until it is live.
func (b *tab) watches(email, path string) {
	b.t.Helper()
	b.logIn(email)
	b.open(path)
	b.sees("live")
}

// shoot takes a screenshot. If ONSALE_SCREENS is set, screenshots that the
// documents show are written to that directory.
func (b *tab) shoot(name string) {
	b.t.Helper()
	b.until("what is known is drawn", `!window.onsaleView?.later && !window.onsaleView?.asked`)
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	documents, err := os.ReadFile(e2e.Root("docs/browser.md"))
	if err != nil {
		b.t.Fatal(err)
	}
	dir := os.Getenv("ONSALE_SCREENS")
	if dir == "" || !bytes.Contains(documents, []byte("screens/"+name+".png")) {
		return
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), picture, 0o644); err != nil {
		b.t.Error(err)
	}
}

func (b *tab) has(text string) bool {
	b.t.Helper()
	return b.is(fmt.Sprintf(`document.body.innerText.includes(%q)`, text))
}

func (b *tab) is(expression string) bool {
	b.t.Helper()
	is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression))
	if err != nil {
		b.t.Fatal(err)
	}
	return is
}

// fillBlock opens the grid of a block.
func (b *tab) fillBlock(name string) {
	b.t.Helper()
	b.until("the list of blocks", `!!document.querySelector('.blocks select')`)
	b.do(js(fmt.Sprintf(`(e => { e.value = %q; e.dispatchEvent(new Event('change', {bubbles: true})) })(document.querySelector('.blocks select'))`, name)))
	b.until("the grid", `!!document.querySelector('.grid button')`)
}

// seat clicks a seat of the grid.
func (b *tab) seat(row, seat int) {
	b.t.Helper()
	b.do(js(fmt.Sprintf(`document.querySelector('[data-row="%d"][data-col="%d"]').click()`, row-1, seat)))
}

// tabTo presses Tab until an element has the focus.
func (b *tab) tabTo(selector string) { b.t.Helper(); b.walk(selector, kb.Tab) }

func (b *tab) walk(selector, key string, modifiers ...chromedp.KeyOption) {
	b.t.Helper()
	for range 60 {
		b.do(chromedp.KeyEvent(key, modifiers...))
		if b.is(fmt.Sprintf(`document.activeElement?.matches(%q) || false`, selector)) {
			return
		}
	}
	b.t.Fatalf("Tab does not come to %s", selector)
}

func (b *tab) backTo(selector string) {
	b.t.Helper()
	b.walk(selector, kb.Tab, chromedp.KeyModifiers(chromedp.ModifierShift))
}

// before runs a script in each page that is opened, before the page's own.
func (b *tab) before(line string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: line}); err != nil {
		b.t.Fatal(err)
	}
}
