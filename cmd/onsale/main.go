// Command onsale runs all of Onsale on one machine and checks it.
package main

import (
	"os"

	"github.com/onsale-tickets/onsale/wire/onsale"
)

func main() { os.Exit(onsale.Main()) }
