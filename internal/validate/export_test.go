package validate

// For tests of the words themselves.
var (
	PatternWords = patternWords
	FormatWords  = formatWords
)
