/** Checks what runs in production: that no known vulnerability is in it, and that it needs no script at its installation. */
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
      `${name} runs a script when it is installed, and package.json does not say that it needs not`,
    );
    failed = true;
  }
}

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });
const { vulnerabilities, message } = JSON.parse(stdout || '{"message":"npm audit says nothing"}');
if (vulnerabilities) {
  for (const { name, severity, range } of Object.values(vulnerabilities)) {
    console.error(`${name} ${range} has a vulnerability that is ${severity}`);
    failed = true;
  }
} else {
  console.error(
    `Not checked for known vulnerabilities, since the registry does not answer: ${message}`,
  );
}
if (!failed) console.log('What runs in production needs no script at its installation.');
process.exitCode = failed ? 1 : 0;
