import Testing

@testable import Basics

@Suite struct SecretMaskTests {
    @Test(
        "a value behind a telling name is blotted out, the name stays",
        arguments: [
            ("password=hunter2", "password=<redacted>"),
            ("DB_PASSWORD=hunter2 DB_HOST=db", "DB_PASSWORD=<redacted> DB_HOST=db"),
            ("dbPassword: hunter2", "dbPassword: <redacted>"),
            ("{\"password\":\"hunter2\",\"user\":\"bob\"}", "{\"password\":\"<redacted>\",\"user\":\"bob\"}"),
            ("{\"client_secret\" : \"a \\\"b\\\" c\"}", "{\"client_secret\" : \"<redacted>\"}"),
            ("{\\\"token\\\":\\\"abc\\\",\\\"n\\\":1}", "{\\\"token\\\":\\\"<redacted>\\\",\\\"n\\\":1}"),
            ("curl --token abc123 http://h/", "curl --token <redacted> http://h/"),
            ("mysql --password=abc", "mysql --password=<redacted>"),
            ("GET /x?api_key=abc&page=2", "GET /x?api_key=<redacted>&page=2"),
            ("Server=db;Uid=sa;Pwd=geheim;Timeout=5", "Server=db;Uid=sa;Pwd=<redacted>;Timeout=5"),
            ("aws_secret_access_key = wJalrXUt/nFEMI", "aws_secret_access_key = <redacted>"),
            ("<Password>geheim</Password>", "<Password><redacted></Password>"),
            (":password => 'geheim', :user => 'bob'", ":password => '<redacted>', :user => 'bob'"),
            ("secret := geheim", "secret := <redacted>"),
            ("params[password]=geheim", "params[password]=<redacted>"),
            ("Authorization: Basic dXNlcjpwYXNz", "Authorization: <redacted>"),
            ("-H 'Authorization: Digest username=bob, response=1' -v", "-H 'Authorization: <redacted>' -v"),
            ("Set-Cookie: sid=1; Path=/\nnext line", "Set-Cookie: <redacted>\nnext line"),
            ("X-Api-Key: abc", "X-Api-Key: <redacted>"),
            ("passphrase: correct horse battery", "passphrase: <redacted>"),
            ("DB_PASS=abc", "DB_PASS=<redacted>"),
            ("pässwort password=gehéim", "pässwort password=<redacted>"),
        ]
    )
    func named(text: String, shown: String) {
        #expect(SecretMask.mask(text) == shown)
    }

    @Test(
        "a secret that is known by its look is blotted out wherever it stands",
        arguments: [
            ("sent Bearer abc123def ok", "sent Bearer <redacted> ok"),
            ("basic dXNlcjpwYXNzd29yZA==", "basic <redacted>"),
            ("postgres://app:geheim@db:5432/shop", "postgres://app:<redacted>@db:5432/shop"),
            ("redis://:geheim@cache", "redis://:<redacted>@cache"),
            ("amqp://u:p@ss@mq/", "amqp://u:<redacted>@mq/"),
            ("amqp://u:p/w@mq/", "amqp://u:<redacted>@mq/"),
            ("https://0123456789abcdef0123@sentry.example/4", "https://<redacted>@sentry.example/4"),
            ("id AKIAIOSFODNN7EXAMPLE.", "id <redacted>"),
            ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl!", "jwt <redacted>!"),
            ("ghp_0123456789abcdefghij0123456789abcdef", "<redacted>"),
            ("to https://hooks.slack.com/services/T0/B0/xyz: 404", "to https://hooks.slack.com/<redacted> 404"),
            ("https://discord.com/api/webhooks/1/abc", "https://discord.com/api/webhooks/<redacted>"),
            (
                "key:\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\nend",
                "key:\n<redacted>\nend"
            ),
            ("-----BEGIN PRIVATE KEY-----\nMIIE", "<redacted>"),
            ("x y\nMIIE\nabc=\n-----END PRIVATE KEY-----\nend", "x <redacted>\nend"),
        ]
    )
    func known(text: String, shown: String) {
        #expect(SecretMask.mask(text) == shown)
    }

    @Test(
        "what only speaks of secrets stays readable",
        arguments: [
            "unexpected token", "unexpected token: }", "Unexpected token < in JSON at position 0", "token expired",
            "password: required", "Password: incorrect.", "authentication failed: password is wrong",
            "Authorization: denied for user bob", "the bearer of bad news", "Bearer authentication failed",
            "basic authentication", "tests: pass=12 fail=0", "pass: 5", "PWD=/srv/app OLDPWD=/",
            "max_tokens=4096", "tokenizer: fast", "token_type: bearer", "primary_key=id", "monkey=bananas",
            "http://db:5432/shop?x=1", "http://[::1]:80/a@b", "http://host/a@b", "ssh://git@example.org:22/repo",
            "mail to bob@example.org", "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
            "-----------------", "app::secret::load", "\"password\":null", "secrets: []", "--password-file /run/x",
            "--password is missing", "AKIA is a prefix", "eyJ", "sha256:0123456789abcdef0123456789abcdef", "password=",
            "password: ", "password:\nnext", "https://hooks.slack.com/docs", "", "=", ":", "://", "Ünïcode – ☂",
        ]
    )
    func ordinary(text: String) {
        #expect(SecretMask.mask(text) == text)
    }

    @Test("what is blotted out once is not blotted out again")
    func stable() {
        let text = "password=a token: b postgres://u:p@h Authorization: c\nBearer abc123def"
        let once = SecretMask.mask(text)
        #expect(SecretMask.mask(once) == once)
        #expect(!once.contains("abc123def"))
    }

    @Test(
        "time grows with the text, not with its square",
        arguments: [
            "a://", "password: ", "authorization: not ", "password=\"", "-----BEGIN ", "-----END PRIVATE KEY", "\\",
            "eyJ.", "Bearer ", "<token>", "--token ", "a:b@", "{\\\"token\\\":\\\"", "key=*",
        ]
    )
    func linear(piece: String) {
        func seconds(_ count: Int) -> Duration {
            let text = String(repeating: piece, count: count / piece.utf8.count)
            let time = SystemTime()
            let start = time.uptime
            _ = SecretMask.mask(text)
            return time.uptime - start
        }
        _ = seconds(1 << 12)
        #expect(seconds(1 << 17) < max(seconds(1 << 14) * 64, .milliseconds(500)))
    }
}
