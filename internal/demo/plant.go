package demo

import (
	"fmt"
	"time"

	"github.com/gitsm/gitsm/internal/approval"
)

// planted is how many changes plant files.
const planted = 2

// plant leaves two proposals of this very morning: one that waits for an
// approval of the payments team, and one that policy denies.
func (b *builder) plant() error {
	b.now = Today.Add(-50 * time.Minute)
	waiting := &work{
		job:     b.jobTitled("Minor upgrade of PostgreSQL on {asset}"),
		service: "payments", assets: []string{"payments-db-2"}, requester: "oscar",
	}
	waiting.from = time.Date(2026, 11, 24, 22, 0, 0, 0, time.UTC)
	waiting.to = waiting.from.Add(90 * time.Minute)
	var err error
	if b.waiting, err = b.leave(waiting, "normal", approval.Pending); err != nil {
		return err
	}
	b.now = Today.Add(-35 * time.Minute)
	denied := &work{
		job:     b.jobTitled("Renew the TLS certificates of {asset}"),
		service: "gateway", assets: []string{"lb-edge-2"}, requester: "marta",
	}
	denied.from = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	denied.to = denied.from.Add(time.Hour)
	b.denied, err = b.leave(denied, "standard", approval.Deny)
	return err
}

// leave files a proposal that is to stand open, and makes sure that the gate
// says of it what the demo is to show.
func (b *builder) leave(w *work, typ string, want approval.Verdict) (id string, err error) {
	fields := b.fields(w)
	fields["type"] = typ
	d := b.desk(w.requester)
	dr, err := d.NewDraft(b.ctx, b.kind("change"), "", fields)
	if err != nil {
		return "", err
	}
	b.count()
	if _, err := d.Propose(b.ctx, dr); err != nil {
		return "", err
	}
	t, err := b.target(d, dr.ID)
	if err != nil {
		return "", err
	}
	dec, err := d.Gate(b.ctx, t)
	if err != nil {
		return "", err
	}
	if dec.Verdict != want {
		return "", fmt.Errorf("%s is to be left open as %s, and the gate says %s", dr.ID, want, dec.Verdict)
	}
	return dr.ID, nil
}

func (b *builder) jobTitled(title string) job {
	for _, j := range b.jobs {
		if j.title == title {
			return j
		}
	}
	return b.jobs[0]
}
