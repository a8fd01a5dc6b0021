package fetch

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

var errTooLarge = errors.New("larger than allowed")

const maxLayers = 4 // compressions around each other

// buffers holds the bytes as sent while they are compared: most bodies are
// the same as last time and go no further.
var buffers = sync.Pool{New: func() any { return new(buffer) }}

type buffer struct{ b []byte }

// fill reads at most limit bytes; size is what the server announced, or less
// than 0.
func (b *buffer) fill(r io.Reader, size, limit int64) error {
	const keep = 1 << 20 // larger buffers are not worth keeping
	if cap(b.b) > keep {
		b.b = nil
	}
	b.b = slices.Grow(b.b[:0], int(min(max(size, 4<<10), 1<<20, limit))+1)
	for {
		if len(b.b) == cap(b.b) {
			b.b = slices.Grow(b.b, len(b.b))
		}
		room := b.b[len(b.b):cap(b.b)]
		n, err := r.Read(room[:min(int64(len(room)), limit-int64(len(b.b)))])
		b.b = b.b[:len(b.b)+n]
		if err == io.EOF || err == nil && int64(len(b.b)) >= limit {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// decode undoes what Content-Encoding says, where the bytes bear it out, and
// then what the bytes themselves show: servers send gzip unasked and unnamed,
// and name what they have not done. truncated says that the data ended early;
// what was read stands.
func decode(raw []byte, codings []string, limit int64) (body []byte, truncated bool, err error) {
	var names []string
	for _, line := range codings {
		for _, name := range strings.Split(line, ",") {
			names = append(names, strings.ToLower(strings.TrimSpace(name)))
		}
	}
	slices.Reverse(names)
	body = raw
	layers := 0
	undo := func(name string) error {
		if layers++; layers > maxLayers {
			return errors.New("compressed over and over")
		}
		out, cut, err := inflate(body, name, limit)
		if err == nil {
			body, truncated = out, truncated || cut
		}
		return err
	}
	for _, name := range names {
		kind := coding(name, body)
		if kind == "" {
			continue
		}
		if err := undo(kind); err != nil {
			return nil, false, err
		}
	}
	for {
		kind := magic(body)
		if kind == "" {
			break
		}
		if err := undo(kind); err != nil {
			return nil, false, err
		}
	}
	if int64(len(body)) > limit {
		return nil, false, errTooLarge
	}
	return body, truncated, nil
}

// coding gives how to undo a coding by its name, "" when the bytes do not look
// like it.
func coding(name string, b []byte) string {
	switch name {
	case "gzip", "x-gzip", "zstd":
		return "" // known by their first bytes
	case "br":
		if !plain(b) {
			return "br"
		}
	case "deflate":
		switch {
		case plain(b) || magic(b) != "":
		case len(b) > 1 && b[0]&0x0f == 8 && (int(b[0])<<8|int(b[1]))%31 == 0:
			return "zlib"
		default:
			return "flate"
		}
	}
	return ""
}

func magic(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte{0x1f, 0x8b, 8}):
		return "gzip"
	case bytes.HasPrefix(b, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return "zstd"
	}
	return ""
}

// plain tells whether a document starts as text, so that it was not
// compressed whatever the header says.
func plain(b []byte) bool {
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\ufeff")), " \t\r\n")
	return len(b) > 1 && (b[0] == '<' && (b[1] == '?' || b[1] == '!' || b[1]|0x20 >= 'a' && b[1]|0x20 <= 'z') || b[0] == '{' && (b[1] == '"' || b[1] <= ' '))
}

func inflate(b []byte, kind string, limit int64) (out []byte, truncated bool, err error) {
	src := bytes.NewReader(b)
	var r io.Reader
	switch kind {
	case "br":
		r = brotli.NewReader(src)
	case "zlib":
		r, err = zlib.NewReader(src)
	case "flate":
		r = flate.NewReader(src)
	case "gzip":
		r = &members{src: src}
	case "zstd":
		var d *zstd.Decoder
		d, err = zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderLowmem(true))
		if err == nil {
			defer d.Close()
			r = d
		}
	}
	if err != nil {
		return nil, true, endsEarly(err)
	}
	var buf bytes.Buffer
	buf.Grow(min(inflated(b, kind)+bytes.MinRead, 1<<20))
	_, err = buf.ReadFrom(io.LimitReader(r, limit+1))
	switch {
	case int64(buf.Len()) > limit:
		return nil, false, errTooLarge
	case err == nil:
		return buf.Bytes(), false, nil
	case buf.Len() > 0:
		return buf.Bytes(), true, nil
	}
	return nil, true, endsEarly(err)
}

// inflated is about how long a body becomes: gzip says it at the end, of its
// last member.
func inflated(b []byte, kind string) int {
	if n := len(b); kind == "gzip" && n >= 4 {
		return int(min(binary.LittleEndian.Uint32(b[n-4:]), 1<<20))
	}
	return len(b) * 4
}

// members reads the gzip members of src one after the other and stops at
// rubbish behind them, which some servers send.
type members struct {
	src  *bytes.Reader
	z    *gzip.Reader
	done bool
}

func (m *members) Read(p []byte) (n int, err error) {
	for !m.done {
		if m.z == nil {
			if m.z, err = gzip.NewReader(m.src); err != nil {
				return 0, err
			}
			m.z.Multistream(false)
		}
		if n, err = m.z.Read(p); n > 0 || err != io.EOF {
			if err == io.EOF {
				err = nil // the next call sees it again
			}
			return n, err
		}
		var next [3]byte
		at, _ := m.src.Read(next[:])
		_, _ = m.src.Seek(int64(-at), io.SeekCurrent)
		if m.done = magic(next[:at]) != "gzip"; !m.done {
			if err = m.z.Reset(m.src); err != nil {
				return 0, err
			}
			m.z.Multistream(false)
		}
	}
	return 0, io.EOF
}

// endsEarly passes over an end that came too soon: with nothing read, nothing
// was sent.
func endsEarly(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
