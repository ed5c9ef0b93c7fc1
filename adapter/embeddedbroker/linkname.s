// This file is empty. Go takes functions without a body, which files.go links by name,
// only in a package with an assembly file.
