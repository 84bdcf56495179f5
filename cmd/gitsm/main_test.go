package main

import (
	"testing"

	"github.com/gitsm/gitsm/internal/scripts"
)

// TestMain lets documents run gitsm as a program of its own.
func TestMain(m *testing.M) { scripts.Main(m) }
