"""What labels on real containers change, and what is said of those that do not count."""

from harness import names
from harness.scenario import Scenario


class LabelTests(Scenario):
    def test_a_wrong_label_is_refused_aloud_and_the_right_ones_count(self):
        """S28 the event names the label, the reason and the remedy; it ends with a container that has right ones."""
        wrong = {"custos.docker.restarts.critcal": "5", "custos.docker.host": "tcp://evil:2375",
                 "custos.docker.start_limit": "soon", "custos.webhook.url": "http://evil",
                 "custos.docker.kill_counts": "yes"}
        web, target = self.service("web", restart="no", labels=wrong), self.target("web")
        told = self.told(target, measure=names.LABELS, reason="fired")
        self.assertEqual((told["severity"], told["state"]), ("warning", "refused"))
        lines = dict(line.split(": ", 1) for line in told["annotations"]["refused_labels"].splitlines())
        self.assertEqual(set(lines), set(wrong) - {"custos.docker.kill_counts"})
        self.assertIn("did you mean `custos.docker.restarts.critical`?", lines["custos.docker.restarts.critcal"])
        self.assertIn("set it in the file or the environment", lines["custos.docker.host"])
        self.assertIn("cannot be set from a label", lines["custos.webhook.url"])
        self.assertIn("expected a duration", lines["custos.docker.start_limit"])
        self.assertNotIn("evil", str(told))
        self.assertIn("create it anew", told["annotations"]["remedy"])
        web.kill()
        self.told(target, measure=names.DEATH, reason="fired")
        web.remove()
        self.told(target, measure=names.LABELS, reason="gone")
        self.accounted.add(target)

    def test_the_alert_ends_when_the_container_is_created_anew(self):
        """S28 the same service with right labels: one event that it is over, under the same fingerprint."""
        wrong, right = {"custos.docker.kill_count": "yes"}, {"custos.docker.kill_counts": "no"}
        first, target = self.service("web", restart="no", labels=wrong), self.target("web")
        told = self.told(target, measure=names.LABELS, reason="fired")
        # As compose does it: the new one is there before the old one is removed.
        first.stop()
        second = self.service("web", restart="no", name=f"{self._project}-web-new", labels=right)
        first.remove()
        over = self.told(target, measure=names.LABELS, reason="resolved")
        self.assertEqual((over["fingerprint"], over["state"]), (told["fingerprint"], "ok"))
        second.remove()
        self.exactly(target, (names.LABELS, "fired", "warning"), (names.LABELS, "resolved", "warning"))

    def test_too_many_and_too_long_labels(self):
        """S28 what a container's owner writes is bounded, and nothing of it reaches a terminal as it is."""
        labels = {f"custos.docker.x{number}": "1" for number in range(300)}
        labels["custos.docker.start_limit"] = "\x1b[2J" + "9" * 5000
        web, target = self.service("web", restart="no", labels=labels), self.target("web")
        told = self.told(target, measure=names.LABELS, reason="fired")
        lines = told["annotations"]["refused_labels"].splitlines()
        self.assertEqual(len(lines), 20)
        self.assertNotIn("\x1b", str(told))
        web.remove()
        self.exactly(target, (names.LABELS, "fired", "warning"), (names.LABELS, "gone", "warning"))

    def test_an_unclear_ignore_label_leaves_the_container_watched(self):
        """S28 only a yes takes a container out of sight."""
        web, target = self.service("web", restart="no", labels={"custos.ignore": "ture"}), self.target("web")
        told = self.told(target, measure=names.LABELS, reason="fired")
        self.assertIn("custos.ignore: expected true or false", told["summary"])
        web.crash()
        self.told(target, measure=names.DEATH, reason="fired")
        web.remove()
        self.told(target, measure=names.LABELS, reason="gone")
        self.accounted.add(target)
