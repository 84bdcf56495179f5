package pack

import "syscall"

// Relax gives back the memory in which packs were read. They stay mapped, and
// what is asked for again comes from the file.
func (s *Store) Relax() {
	for _, p := range *s.packs.Load() {
		_ = syscall.Madvise(p.data, syscall.MADV_DONTNEED) // it is advice
	}
}
