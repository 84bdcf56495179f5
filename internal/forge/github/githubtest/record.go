package githubtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
)

// Exchange is a request as a client sent it, and what it was answered.
type Exchange struct {
	Method   string
	Path     string // without the query
	Query    map[string][]string
	Body     json.RawMessage `json:",omitempty"`
	Status   int
	Response json.RawMessage `json:",omitempty"`
}

// Record writes every exchange from now on to a file of its own in dir, a line
// of JSON each, so that it can be compared with what GitHub says of its API.
// Answers that a fault made up are left out. An empty dir records nothing.
func (s *Server) Record(dir string) {
	if dir == "" {
		return
	}
	f, err := os.CreateTemp(dir, "*.ndjson")
	if err != nil {
		panic(fmt.Sprintf("githubtest: recording exchanges: %v", err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record = f
}

// recorded answers a request and writes down both.
func (s *Server) recorded(w http.ResponseWriter, req *http.Request, body []byte, carryOut func(http.ResponseWriter)) {
	if s.record == nil {
		carryOut(w)
		return
	}
	rec := httptest.NewRecorder()
	carryOut(rec)
	e := Exchange{Method: req.Method, Path: req.URL.Path, Query: req.URL.Query(), Body: body, Status: rec.Code, Response: rec.Body.Bytes()}
	if err := json.NewEncoder(s.record).Encode(e); err != nil {
		panic(fmt.Sprintf("githubtest: recording an exchange: %v", err))
	}
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes()) // a client that left has no use for it
}
