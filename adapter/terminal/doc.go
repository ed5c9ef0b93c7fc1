// Package terminal is the command line as an adapter: it runs use cases for the
// person at the terminal and prints progress, figures as text, and figures as
// JSON.
package terminal
