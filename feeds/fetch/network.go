package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// networkText says why a request got no answer, and what to do about it.
func networkText(at *url.URL, err error) string {
	host := at.Host
	var dns *net.DNSError
	var nerr net.Error
	if why := certificateText(host, err); why != "" {
		return why
	}
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("no such host %q; is the address spelt right? if every feed says so, the network or the name server is down", at.Hostname())
	case errors.As(err, &dns):
		return fmt.Sprintf("the name %q could not be looked up; if others fail too, check the name server", at.Hostname())
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &nerr) && nerr.Timeout():
		return fmt.Sprintf("%s did not answer in time; if it is always so slow, raise the feed's timeout", host)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("%s refuses connections; is the address's port right?", host)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Sprintf("%s closed the connection without an answer", host)
	}
	return fmt.Sprintf("%s cannot be reached: %v", host, err)
}

// local tells whether nothing left this machine for the feed's host: no
// network, or no name server that answers.
func local(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && !dns.IsNotFound || errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.ENETDOWN)
}

// certificateText says what is wrong with a server's certificate; "" for an
// error of another kind. An authority of one's own is made known to watcher as
// to any program of the machine: by the system's store, or by SSL_CERT_FILE.
func certificateText(host string, err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return fmt.Sprintf("the certificate of %s is signed by an authority that this machine does not know; if it is your own, add it to the system's store or name its file in SSL_CERT_FILE and start watcher again, else the site's owner must mend it", host)
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate of %s is for other names (%s); use the name that it is for", host, strings.Join(name.Certificate.DNSNames, ", "))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && time.Now().Before(invalid.Cert.NotBefore):
		return fmt.Sprintf("the certificate of %s is valid only from %s on; check this machine's clock", host, invalid.Cert.NotBefore.UTC().Format(time.RFC3339))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate of %s ended on %s; its owner must renew it, if this machine's clock is right", host, invalid.Cert.NotAfter.UTC().Format(time.DateOnly))
	case errors.As(err, &invalid), errors.As(err, &cert):
		return fmt.Sprintf("the certificate of %s is not valid (%v); its owner must mend it", host, err)
	case errors.As(err, &record):
		return fmt.Sprintf("%s does not speak TLS at that port; is the address meant to be http?", host)
	}
	return ""
}

// proxyText says what is wrong with the proxy; "" for an error behind it.
func proxyText(proxy string, err error) string {
	if proxy == "" {
		return ""
	}
	if u, perr := url.Parse(proxy); perr == nil {
		proxy = u.Host
	}
	var refused *refusal
	var op *net.OpError
	switch {
	case errors.As(err, &refused) && refused.status == http.StatusProxyAuthRequired:
		return fmt.Sprintf("the proxy %s %s", proxy, proxyAuth)
	case errors.As(err, &refused):
		return fmt.Sprintf("the proxy %s leads nowhere for this feed (HTTP %d); its log says more, or check polling.proxy", proxy, refused.status)
	case errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect"):
		return fmt.Sprintf("the proxy %s does not let us through (%v); check polling.proxy and whether the proxy runs", proxy, op.Err)
	}
	return ""
}

const proxyAuth = "wants credentials (HTTP 407); write them into polling.proxy: http://USER:PASSWORD@HOST:PORT"

// refusal is a proxy's answer to CONNECT that is not 200.
type refusal struct{ status int }

func (r *refusal) Error() string { return fmt.Sprintf("the proxy answered HTTP %d", r.status) }
