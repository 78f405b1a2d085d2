/** Checks that production dependencies have no known vulnerabilities and need no install scripts. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const read = (name) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
const { allowScripts } = read('package.json');

let failed = false;
for (const [path, { hasInstallScript, dev }] of Object.entries(
  read('package-lock.json').packages,
)) {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (hasInstallScript && !dev && allowScripts[name] !== false) {
    console.error(
      `${name} has an install script: set it to false in allowScripts of package.json if it works without`,
    );
    failed = true;
  }
}

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });
const { vulnerabilities, message } = JSON.parse(
  stdout || '{"message":"npm audit printed nothing"}',
);
if (vulnerabilities) {
  for (const { name, severity, range } of Object.values(vulnerabilities)) {
    console.error(`${name} ${range} has a vulnerability of severity ${severity}`);
    failed = true;
  }
} else {
  console.error(
    `Could not check for known vulnerabilities: the registry is unavailable: ${message}`,
  );
}
if (!failed) console.log('No production dependency needs an install script.');
process.exitCode = failed ? 1 : 0;
