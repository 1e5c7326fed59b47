#!/usr/bin/env python3
"""A site that books through the widget, served from an origin of its own.

  examples/embed_site/serve.py                          http://127.0.0.1:8090, with scripts/serve beside it
  examples/embed_site/serve.py --isolated --strict      sent with COEP and COOP, and with a policy that allows no inline styles
  examples/embed_site/serve.py --orkestr https://orkestr.example --storefront https://acme.orkestr.example
"""
import argparse
import http.server
import pathlib

HERE = pathlib.Path(__file__).parent
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--port", type=int, default=8090, help="0 takes a free one")
parser.add_argument("--orkestr", default="http://127.0.0.1:8080", help="where the widget comes from")
parser.add_argument("--storefront", default="http://atlas.localhost:8080", help="where people without JavaScript go")
parser.add_argument("--isolated", action="store_true", help="isolate the pages from other origins")
parser.add_argument("--strict", action="store_true", help="allow scripts and frames of Orkestr and nothing inline")
options = parser.parse_args()


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.split("?")[0].lstrip("/") or "index.html"
        file = HERE / name
        if "/" in name or file.suffix not in TYPES or not file.is_file():
            return self.send_error(404)
        body = file.read_text().replace("http://127.0.0.1:8080", options.orkestr).replace("http://atlas.localhost:8080", options.storefront).encode()
        self.send_response(200)
        self.send_header("Content-Type", TYPES[file.suffix])
        self.send_header("Content-Length", str(len(body)))
        if options.isolated:
            self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
            self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        if options.strict:
            self.send_header("Content-Security-Policy",
                             f"default-src 'none'; script-src 'self' {options.orkestr}; frame-src {options.orkestr}; style-src 'self'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Site)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
