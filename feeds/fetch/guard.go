package fetch

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// Blocked says that an address is none of a feed reader's business.
type Blocked struct {
	Addr string
	Ever bool // refused whatever the settings
}

func (b *Blocked) Error() string {
	if b.Ever {
		return b.Addr + " is a link-local, metadata or multicast address, which no feed may name"
	}
	return b.Addr + " is a private address; set polling.allow_private: true if feeds of your own network are meant"
}

// guard decides on addresses just before they are dialled, after name
// resolution, so that neither a redirect nor a name that changes its address
// gets around it.
type guard struct{ private bool }

// control is a net.Dialer.Control.
func (g guard) control(network, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &Blocked{Addr: address, Ever: true}
	}
	return g.check(ap.Addr())
}

func (g guard) check(ip netip.Addr) error {
	ip = unwrap(ip)
	switch {
	case ip.IsUnspecified(), ip.IsMulticast(), ip.IsLinkLocalUnicast(), slices.Contains(metadata(), ip):
		return &Blocked{Addr: ip.String(), Ever: true}
	case g.private:
		return nil
	}
	if err := ssrf.New(ssrf.WithAnyPort(), ssrf.WithAnyNetwork()).SafeAddr(ip); err != nil {
		return &Blocked{Addr: ip.String()}
	}
	return nil
}

// unwrap gives the IPv4 address inside an IPv6 one that carries one on the
// way: mapped, or translated by NAT64.
func unwrap(ip netip.Addr) netip.Addr {
	ip = ip.Unmap().WithZone("")
	if ssrf.IPv6NAT64Prefix.Contains(ip) {
		b := ip.As16()
		return netip.AddrFrom4([4]byte(b[12:16]))
	}
	return ip
}

// metadata are addresses under which clouds tell a machine its secrets, those
// that are not link-local anyway.
func metadata() []netip.Addr {
	return []netip.Addr{
		netip.MustParseAddr("fd00:ec2::254"),   // AWS
		netip.MustParseAddr("100.100.100.200"), // Alibaba
		netip.MustParseAddr("168.63.129.16"),   // Azure
		netip.MustParseAddr("192.0.0.192"),     // Oracle
		netip.MustParseAddr("fd20:ce::254"),    // Google
	}
}

// checkName decides by name alone, for targets that a proxy resolves.
func (g guard) checkName(host string) error {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if ip, err := netip.ParseAddr(host); err == nil {
		return g.check(ip)
	}
	if slices.Contains([]string{"metadata.google.internal", "instance-data", "instance-data.ec2.internal"}, host) {
		return &Blocked{Addr: host, Ever: true}
	}
	if g.private {
		return nil
	}
	if !strings.Contains(host, ".") {
		return &Blocked{Addr: host}
	}
	for _, s := range []string{".localhost", ".local", ".internal", ".lan", ".home.arpa", ".intranet", ".corp", ".home"} {
		if strings.HasSuffix(host, s) {
			return &Blocked{Addr: host}
		}
	}
	// 127.1, 0x7f.1 and the like: old C libraries take them for addresses.
	if last := host[strings.LastIndexByte(host, '.')+1:]; last[0] >= '0' && last[0] <= '9' {
		return &Blocked{Addr: host}
	}
	return nil
}

func proxyURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return nil, fmt.Errorf("the proxy's address is none: use http://HOST:PORT or socks5://HOST:PORT")
	}
	return u, nil
}
