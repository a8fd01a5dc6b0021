package main

import (
	"net"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// testNames is the variable that gives the program under test a name server of
// its own.
const testNames = "WATCHER_TEST_NAMES"

// nameServer knows every name under .test, which are all this machine. Gone,
// its port refuses, as that of a machine does on which the name server died.
type nameServer struct {
	t    *testing.T
	addr string
	conn net.PacketConn
}

func newNameServer(t *testing.T) *nameServer {
	s := &nameServer{t: t, addr: "127.0.0.1:0"}
	s.back()
	t.Cleanup(s.gone)
	return s
}

func (s *nameServer) gone() { s.conn.Close() }

func (s *nameServer) back() {
	conn, err := net.ListenPacket("udp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.conn, s.addr = conn, conn.LocalAddr().String()
	go serveNames(conn)
}

func serveNames(conn net.PacketConn) {
	buf := make([]byte, 1500)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
			continue
		}
		q := m.Questions[0]
		m.Header = dnsmessage.Header{ID: m.ID, Response: true, RecursionAvailable: true}
		m.Additionals = nil
		switch {
		case !strings.HasSuffix(q.Name.String(), ".test."):
			m.RCode = dnsmessage.RCodeNameError
		case q.Type == dnsmessage.TypeA:
			m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
				Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}}}
		}
		if out, err := m.Pack(); err == nil {
			_, _ = conn.WriteTo(out, from)
		}
	}
}
