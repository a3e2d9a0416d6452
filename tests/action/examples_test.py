"""The examples, unchanged, under a workflow runner: what a team sees that takes them as they are."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from shop import BINARY, ROOT, Shop


class Examples(unittest.TestCase):
    # Where the workflows find GitHub, if not at its own address.
    door = None

    @classmethod
    def setUpClass(cls):
        if not BINARY.exists():
            raise unittest.SkipTest(f"{BINARY} is not built; scripts/test builds it")
        tools = subprocess.run([ROOT / "scripts/tools/install", "python"], check=True, stdout=subprocess.PIPE, text=True)
        cls.act = pathlib.Path(tools.stdout.strip()) / "act"

    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        self.shop = Shop(folder, self.act)
        self.addCleanup(self.shop.close)
        if self.door:
            self.shop.github.behind(self.door)

    def tearDown(self):
        self.assertEqual(self.shop.refused(), [], "the example does not ask for a permission that it needs")

    def deploy(self, message, run_id):
        version = self.shop.push(message)
        return version, *self.shop.run("deploy.yml", "push", run_id=run_id)

    def test_a_good_push_is_deployed_and_stable(self):
        good, went_well, log = self.deploy("good", "11")
        self.assertTrue(went_well, log)
        self.assertEqual(self.shop.service.runs(), good)
        self.assertIn("refs/tags/stable/production/1", self.shop.refs())
        self.assertEqual(self.shop.unused(), set())

    def test_a_sick_push_turns_the_job_red_and_production_is_as_it_was(self):
        good, _, log = self.deploy("good", "11")
        sick = self.shop.push("sick")
        self.shop.service.sick.add(sick)
        went_well, log = self.shop.run("deploy.yml", "push", run_id="12")
        self.assertFalse(went_well, log)
        self.assertEqual(self.shop.service.runs(), good, log)
        self.assertIn("exit status 4", log)
        self.assertIn("## production: rolled back", log)

    def test_the_schedule_is_silent_while_it_is_healthy(self):
        self.deploy("good", "11")
        before = self.shop.git(self.shop.remote, "for-each-ref")
        went_well, log = self.shop.run("verify-schedule.yml", "schedule", run_id="13")
        self.assertTrue(went_well, log)
        self.assertEqual(self.shop.git(self.shop.remote, "for-each-ref"), before)

    def test_the_schedule_keeps_one_issue_while_it_is_sick(self):
        good, _, _ = self.deploy("good", "11")
        self.shop.service.sick.add(good)
        went_well, log = self.shop.run("verify-schedule.yml", "schedule", run_id="13")
        self.assertFalse(went_well, log)
        self.assertEqual(len(self.shop.github.state()["issues"]), 1, log)
        self.assertEqual(self.shop.unused(), set())

    def test_what_is_not_asked_for_is_refused_and_told(self):
        workflow = self.shop.clone / ".github/workflows/deploy.yml"
        workflow.write_text(workflow.read_text().replace("      statuses: write # lastgood/production on the commit\n", ""))
        good, went_well, log = self.deploy("good", "11")
        self.assertTrue(went_well, log)
        [refused] = self.shop.refused()
        self.shop.github.remember(refused=[])
        self.assertIn("/statuses/", refused)
        self.assertIn("statuses: write", log)

    def test_what_other_steps_deployed_is_recorded_and_verified(self):
        good = self.shop.push("good")
        went_well, log = self.shop.run("record.yml", "push", run_id="11")
        self.assertTrue(went_well, log)
        self.assertEqual(self.shop.service.runs(), good)
        self.assertIn("refs/tags/stable/production/1", self.shop.refs())
        self.assertEqual(self.shop.unused(), set())

    def test_the_button_goes_back_to_the_deployment_that_is_named(self):
        good, _, _ = self.deploy("good", "11")
        self.deploy("better", "12")
        # This runner is older than the key; a server that does not know it does without it too.
        button = self.shop.clone / ".github/workflows/rollback-button.yml"
        button.write_text(button.read_text().replace("      deployment: false\n", ""))
        asked = {"inputs": {"to": "1", "reason": "checkout is broken"}}
        went_well, log = self.shop.run("rollback-button.yml", "workflow_dispatch", asked, run_id="13")
        self.assertTrue(went_well, log)
        self.assertEqual(self.shop.service.runs(), good)
        self.assertEqual(self.shop.unused(), set())

    def test_each_service_of_a_monorepo_has_a_job(self):
        good = self.shop.push("good")
        went_well, log = self.shop.run("monorepo.yml", "push", run_id="11")
        self.assertTrue(went_well, log)
        self.assertEqual(self.shop.service.runs(), good)
        self.assertEqual(self.shop.unused(), set())

    def comment(self, author, body, run_id):
        """Says something below a pull request, and runs what listens to it."""
        said = {"id": int(run_id), "body": body, "created_at": "2026-03-01T12:00:00Z", "user": {"login": author, "type": "User"},
                "html_url": f"https://github.example/octo/shop/pull/7#issuecomment-{run_id}", "performed_via_github_app": None}
        comments = {**self.shop.github.state().get("comments", {}), run_id: {"body": body, "user": author}}
        configuration = (self.shop.clone / "lastgood.yml").read_text()
        self.shop.github.remember(comments=comments, roles={"octocat": "write"}, files={"lastgood.yml": configuration})
        event = {"action": "created", "comment": said, "issue": {"number": 7, "pull_request": {}}}
        return self.shop.run("rollback-comment.yml", "issue_comment", event, run_id=run_id, actor=author)

    def two_good_ones(self):
        good, _, _ = self.deploy("good", "11")
        better, went_well, log = self.deploy("better", "12")
        self.assertTrue(went_well, log)
        return good, better

    def test_a_maintainers_comment_brings_the_last_stable_one_back(self):
        good, better = self.two_good_ones()
        went_well, log = self.comment("octocat", "/rollback production because checkout is broken", "21")
        self.assertTrue(went_well, log)
        self.assertEqual(self.shop.service.runs(), good, log)
        said = self.shop.github.state()
        [reply] = [one["body"] for one in said["comments"].values() if one.get("type") == "Bot"]
        self.assertIn(good[:10], reply)
        self.assertEqual([one["content"] for one in said["reactions"]], ["eyes", "rocket"])
        self.assertEqual(self.shop.unused(), set())
        deployments = said["deployments"]
        shown = [(one["sha"], one["statuses"][-1]["state"]) for one in deployments]
        self.assertEqual(sorted(shown), sorted([(good, "inactive"), (better, "failure"), (good, "success")]))

    def test_a_strangers_comment_touches_nothing(self):
        _, better = self.two_good_ones()
        before = self.shop.git(self.shop.remote, "for-each-ref")
        went_well, log = self.comment("stranger", "/rollback production", "22")
        self.assertFalse(went_well, log)
        self.assertEqual(self.shop.service.runs(), better)
        self.assertEqual(self.shop.git(self.shop.remote, "for-each-ref"), before)

    def test_github_shows_the_sick_one_failed_and_the_restored_one_live(self):
        good, _, _ = self.deploy("good", "11")
        sick = self.shop.push("sick")
        self.shop.service.sick.add(sick)
        self.shop.run("deploy.yml", "push", run_id="12")
        deployments = self.shop.github.state()["deployments"]
        shown = [(one["sha"], one["statuses"][-1]["state"]) for one in deployments]
        self.assertEqual(sorted(shown), sorted([(good, "inactive"), (sick, "failure"), (good, "success")]))


if __name__ == "__main__":
    unittest.main()
