"""Prints what it is told: Custos' events at /custos, Alertmanager's alerts at /alertmanager. One line each."""

import http.server
import json


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/custos":
            for event in body:
                what = f"{event['severity'] or ''} {event['status'] or event['reason']}".strip()
                print(f"custos: {event['time']} {what}: {event['summary']}", flush=True)
        else:
            for alert in body["alerts"]:
                print(f"alertmanager: {alert['status']}: {alert['annotations'].get('summary', alert['labels'])}",
                      flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    try:
        http.server.ThreadingHTTPServer(("", 8080), Receiver).serve_forever()
    except KeyboardInterrupt:
        pass
