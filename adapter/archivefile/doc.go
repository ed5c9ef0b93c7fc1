// Package archivefile keeps the archive of an event in one file. Common tools read it:
//
//	zstd -dc event-7.zst | jq
//
// The file is three parts, one after the other:
//
//	header    a skippable frame of zstd: "onsale archive", and the version of the format
//	body      frames of zstd: one record of JSON on each line, at most 8 MiB long
//	trailer   a skippable frame of zstd: the SHA-256 of all bytes before it
//
// The first record says of which event the archive is, the last one how many records
// of each kind there are.
package archivefile
