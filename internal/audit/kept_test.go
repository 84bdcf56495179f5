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

// A log that was kept is the log, to the last field, and nothing but that very
// log.
func TestKeptLog(t *testing.T) {
	old := history.Event{Time: time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)}
	want := &keptLog{ids: []string{"", "CHG-1"}, events: []history.Event{filled(), {Time: time.Time{}.UTC()}, old}}
	key := [32]byte{1}
	data := want.pack(key)
	got, ok := unpackLog(data, key)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(keptLog{})); diff != "" || !ok {
		t.Errorf("%v (-want +got):\n%s", ok, diff)
	}
	if n := len(texts(&history.Event{})) + 1; n != reflect.TypeFor[history.Event]().NumField() {
		t.Errorf("an event has other fields than the %d that are kept", n)
	}
	if _, ok := unpackLog(data, [32]byte{2}); ok {
		t.Error("a log of other commits was taken")
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
	f.Add((&keptLog{ids: []string{"a"}, events: []history.Event{filled()}}).pack([32]byte{})[len(keptFormat)+64:])
	f.Fuzz(func(t *testing.T, body []byte) {
		k, ok := readKept(body)
		if !ok {
			return
		}
		if again, ok := readKept(k.pack([32]byte{})[len(keptFormat)+64:]); !ok || !cmp.Equal(k, again, cmp.AllowUnexported(keptLog{})) {
			t.Fatalf("%x does not survive", body)
		}
	})
}
