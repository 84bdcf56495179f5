package demo

import (
	"container/heap"
	"time"
)

// task is something that somebody does at a moment.
type task struct {
	at     time.Time
	number int // order of planning, for what happens at one moment
	who    string
	do     func() error
}

// agenda is what is still to happen, in order of time.
type agenda struct {
	tasks []task
	count int
}

func (a *agenda) Len() int { return len(a.tasks) }

func (a *agenda) Less(i, j int) bool {
	if !a.tasks[i].at.Equal(a.tasks[j].at) {
		return a.tasks[i].at.Before(a.tasks[j].at)
	}
	return a.tasks[i].number < a.tasks[j].number
}

func (a *agenda) Swap(i, j int) { a.tasks[i], a.tasks[j] = a.tasks[j], a.tasks[i] }
func (a *agenda) Push(x any)    { a.tasks = append(a.tasks, x.(task)) }

func (a *agenda) Pop() any {
	last := a.tasks[len(a.tasks)-1]
	a.tasks = a.tasks[:len(a.tasks)-1]
	return last
}

func (a *agenda) plan(at time.Time, who string, do func() error) {
	a.count++
	heap.Push(a, task{at, a.count, who, do})
}

func (a *agenda) next() task { return heap.Pop(a).(task) }

// The time that a demo covers: eighteen months up to its own today, so that
// its output is the same whenever it is built.
var (
	// Today is when the tour takes place.
	Today   = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	opening = time.Date(2025, 5, 19, 8, 0, 0, 0, time.UTC)
	firstOf = opening.Add(30 * time.Hour)               // when the first change is filed
	lastOf  = Today.Add(-16*time.Hour - 30*time.Minute) // and before when the last, within working hours
)

// Working hours, in UTC, Monday to Friday.
const (
	officeOpens  = 9
	officeCloses = 17
)

func workday(t time.Time) bool { return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday }

// atOffice returns t, or the beginning of the next working day with the same
// minutes past the hour, when t is outside working hours.
func atOffice(t time.Time) time.Time {
	if workday(t) && t.Hour() < officeOpens {
		return t.Add(time.Duration(officeOpens-t.Hour()) * time.Hour)
	}
	for !workday(t) || t.Hour() >= officeCloses {
		t = time.Date(t.Year(), t.Month(), t.Day()+1, officeOpens, t.Minute(), t.Second(), 0, time.UTC)
	}
	return t
}

// addWorkdays goes n working days on.
func addWorkdays(t time.Time, n int) time.Time {
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if workday(t) {
			n--
		}
	}
	return t
}
