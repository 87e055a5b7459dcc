package browsertest

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// scheme is whether somebody prefers light or dark.
type scheme string

const (
	light scheme = "light"
	dark  scheme = "dark"
)

// looksAt gives the person a screen so many CSS pixels wide, light or dark.
func (p *person) looksAt(width int64, s scheme) {
	p.Helper()
	p.must("resize", call(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: 800, DeviceScaleFactor: 1,
	}))
	p.must("prefer "+string(s), call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: string(s)},
			{Name: "prefers-reduced-motion", Value: "reduce"},
		},
	}))
}

// fullPage is a picture of the whole page, below the fold too.
func fullPage(ctx context.Context, t *chromedp.Target) ([]byte, error) {
	yes := true
	shot, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{
		CaptureBeyondViewport: &yes, OptimizeForSpeed: &yes,
	})
	return shot.Data, err
}

// shows puts a document of its own before the person, such as a mail.
func (p *person) shows(html string) {
	p.Helper()
	p.opens("about:blank")
	p.must("show it", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		tree, err := cdp.Call(ctx, t, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, t, page.SetDocumentContent, page.SetDocumentContentParams{FrameID: tree.FrameTree.Frame.ID, HTML: html})
		return err
	}))
}
