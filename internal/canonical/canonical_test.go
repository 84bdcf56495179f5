package canonical

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/gowebpki/jcs"
	"pgregory.net/rapid"
)

// TestTransform wants of each text what the standard says, and whether it is
// written in one pass.
func TestTransform(t *testing.T) {
	tests := map[string]struct {
		in, want string
		fast     bool
	}{
		"sorted":          {`{"b":1,"a":[true,false,null],"aa":{}}`, `{"a":[true,false,null],"aa":{},"b":1}`, true},
		"nested":          {`{"b":{"d":1,"c":2},"a":[{"f":1,"e":"x"}]}`, `{"a":[{"e":"x","f":1}],"b":{"c":2,"d":1}}`, true},
		"space":           {" {\n\t\"b\" : 1 ,\r\"a\" : [ 1 , 2 ] } ", `{"a":[1,2],"b":1}`, true},
		"empty":           {`[{},[],""]`, `[{},[],""]`, true},
		"html":            {`"\u003ca\u0026b\u003e"`, `"<a&b>"`, true},
		"line separator":  {`"\u2028"`, "\"\u2028\"", true},
		"control":         {`"\u0000\u001F\u0009\n\b\f\r\t\"\\"`, `"\u0000\u001f\t\n\b\f\r\t\"\\"`, true},
		"text":            {`"grün €"`, `"grün €"`, true},
		"whole numbers":   {`[0,-1,123456789012345]`, `[0,-1,123456789012345]`, true},
		"fraction":        {`[1.50,1e3,-0]`, `[1.5,1000,0]`, false},
		"long number":     {`9007199254740991`, `9007199254740991`, false},
		"slash":           {`"\/"`, `"/"`, false},
		"surrogates":      {`"\ud83d\ude00"`, `"😀"`, false},
		"names by UTF-16": {`{"` + "\ufb33" + `":1,"😀":2}`, `{"😀":2,"` + "\ufb33" + `":1}`, false},
		"escaped name":    {`{"\n":1,"a":2}`, `{"\n":1,"a":2}`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Transform([]byte(tt.in))
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v\nwant %s", got, err, tt.want)
			}
			w := writer{in: []byte(tt.in)}
			if fast := w.value(0) && w.atEnd(); fast != tt.fast {
				t.Errorf("written in one pass: %v", fast)
			}
		})
	}
}

func TestTransformRefuses(t *testing.T) {
	for _, in := range []string{"", "{", `{"a":1,"a":2}`, `{"a" 1}`, `[1 2]`, `[1,]`, `{"a":1,}`, "01", "-", `"\ud800"`, "\"\xff\"", `"` + "\n" + `"`, `"\u12"`, "{} {}", "nul"} {
		if got, err := Transform([]byte(in)); err == nil {
			t.Errorf("%q became %q", in, got)
		}
	}
}

// TestTransformAsTheLibrary holds that a value is written as the library
// writes it.
func TestTransformAsTheLibrary(t *testing.T) {
	leaf := rapid.OneOf(rapid.String().AsAny(), rapid.Int().AsAny(), rapid.Float64().AsAny(), rapid.Bool().AsAny(), rapid.Just[any](nil))
	value := rapid.Deferred(func() *rapid.Generator[any] {
		return rapid.OneOf(leaf, rapid.SliceOfN(leaf, 0, 4).AsAny(), rapid.MapOfN(rapid.String(), leaf, 0, 4).AsAny(),
			rapid.MapOfN(rapid.StringMatching(`[ -~]{0,6}`), rapid.SliceOfN(rapid.MapOfN(rapid.StringMatching(`[a-z_]{1,4}`), leaf, 0, 4), 0, 3).AsAny(), 0, 4).AsAny())
	})
	rapid.Check(t, func(t *rapid.T) {
		v := value.Draw(t, "value")
		text, err := json.Marshal(v)
		if err != nil {
			t.Skip(err)
		}
		want, err := jcs.Transform(text)
		if err != nil {
			t.Skip(err)
		}
		if got, err := Marshal(v); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%s\ngot  %s, %v\nwant %s", text, got, err, want)
		}
	})
}

// FuzzTransform holds that what is written in one pass is what the library
// makes of the same bytes, and that nothing the library refuses is.
func FuzzTransform(f *testing.F) {
	for _, seed := range []string{`{"b":1,"a":[true,null]}`, `"\u003c\u0000é"`, `[1.5,-0,01]`, `{"a":1,"a":1}`, "\"\xc3\x28\"", `{"a":{"c":1,"b":[{}]}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		w := writer{in: in}
		if !w.value(0) || !w.atEnd() {
			return
		}
		want, err := jcs.Transform(in)
		if err != nil {
			t.Fatalf("%q is refused (%v) and was written as %q", in, err, w.out)
		}
		if !bytes.Equal(w.out, want) {
			t.Fatalf("%q\ngot  %q\nwant %q", in, w.out, want)
		}
	})
}

func BenchmarkTransform(b *testing.B) {
	var list []any
	for i := range 40 {
		list = append(list, map[string]any{"id": "checkout-app-1", "kind": "asset", "depth": i, "via": []string{"host-1", "switch-core-1"}, "tier": 1})
	}
	text, err := json.Marshal(map[string]any{"record": list, "now": "2026-11-20T09:00:00Z", "reason": "1. Stop.\n2. <Start> & watch."})
	if err != nil {
		b.Fatal(err)
	}
	for name, transform := range map[string]func([]byte) ([]byte, error){"here": Transform, "library": jcs.Transform} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := transform(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
