package audit

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gitsm/gitsm/internal/history"
)

// filled is an event in which no field is empty.
func filled() history.Event {
	e := history.Event{Time: time.Date(2026, 11, 20, 9, 0, 0, 5, time.UTC)}
	v := reflect.ValueOf(&e).Elem()
	for i := range v.NumField() {
		if v.Field(i).Kind() == reflect.String {
			v.Field(i).SetString(v.Type().Field(i).Name + "\x00ü")
		}
	}
	return e
}

// logOf is a kept log of some events.
func logOf(k keptLog, events ...history.Event) *keptLog {
	w := k.writer()
	for _, e := range events {
		w.add(e)
	}
	w.into(&k)
	return &k
}

// A log that was kept is the log, to the last field, and nothing but that very
// log.
func TestKeptLog(t *testing.T) {
	old := history.Event{Time: time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)}
	events := []history.Event{filled(), {Time: time.Time{}.UTC()}, old}
	ids := [][]byte{commitKey("ff"), commitKey("0a1b"), commitKey("ff")}
	want := logOf(keptLog{
		main: "a", landings: 3, open: []int{0, 2}, evidence: "b", known: "c", whole: true, seen: []string{"x", "y"}, squashed: []string{"gitsm/1"}, ids: []string{"", "CHG-1"},
		versions: fixed{}.with(versionSize, [][]byte{versionKey("change", "a", "1")}), line: fixed{}.with(commitSize, ids), brought: fixed{}.with(commitSize, [][]byte{commitKey("ff")}),
	}, events...)
	key := [32]byte{1}
	data := want.pack(key)
	got, ok := unpackLog(data, key)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(keptLog{}, textList{})); diff != "" || !ok {
		t.Errorf("%v (-want +got):\n%s", ok, diff)
	}
	if diff := cmp.Diff(events, got.choose(history.Filter{}, nil)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(events[:1], got.choose(history.Filter{Actors: []string{filled().Actor}}, nil)); diff != "" {
		t.Errorf("chosen events (-want +got):\n%s", diff)
	}
	if !got.line.has(commitKey("ff")) || got.line.has(commitKey("fe")) || got.brought.has(commitKey("0a1b")) || !got.versions.has(versionKey("change", "a", "1")) || got.versions.has(versionKey("change", "a", "2")) {
		t.Error("what is in a list is not found, or what is not")
	}
	if n := eventTexts + 1; n != reflect.TypeFor[history.Event]().NumField() {
		t.Errorf("an event has other fields than the %d that are kept", n)
	}
	if _, ok := unpackLog(data, [32]byte{2}); ok {
		t.Error("a log of another build was taken")
	}
	for n := range data {
		if _, ok := unpackLog(data[:n], key); ok {
			t.Fatalf("%d bytes of %d were taken for a log", n, len(data))
		}
		spoilt := bytes.Clone(data)
		spoilt[n] ^= 0x20
		if _, ok := unpackLog(spoilt, key); ok {
			t.Fatalf("a log with another byte %d was taken", n)
		}
	}
}

// Bytes whose checksum is right and that are no log are refused as well.
func FuzzKeptLog(f *testing.F) {
	f.Add(logOf(keptLog{ids: []string{"a"}}, filled()).pack([32]byte{})[keptHead:])
	f.Fuzz(func(t *testing.T, body []byte) {
		k, ok := readKept(body)
		if !ok {
			return
		}
		k.choose(history.Filter{}, nil)
		k.line.has(commitKey("ff"))
		if again, ok := readKept(k.pack([32]byte{})[keptHead:]); !ok || !cmp.Equal(k, again, cmp.AllowUnexported(keptLog{}, textList{})) {
			t.Fatalf("%x does not survive", body)
		}
	})
}
