const { fork } = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');
const { TestEnvironment: NodeEnvironment } = require('jest-environment-node');

/** The embedded databases of this process of Jest, which test files use one after the other. */
const servers = [];

/** Lends one that no suite uses, and starts one if there is none. */
async function lendEmbeddedPostgres() {
  let server = servers.find(({ child, lent }) => !lent && child.connected);
  if (!server) {
    const child = fork(join(__dirname, 'embedded-server.cjs'), {
      execArgv: [],
      // Not the time zone of the suite that happens to be the first.
      env: { ...process.env, TZ: 'UTC' },
    });
    server = { child, lent: true };
    servers.push(server);
    const failed = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`The embedded database ended with ${code ?? signal}`);
    });
    // Later, nobody waits for it.
    failed.catch(() => undefined);
    [server.url] = await Promise.race([once(child, 'message'), failed]);
    // Jest ends without waiting for it, and it ends with Jest.
    child.unref();
    child.channel.unref();
  }
  server.lent = true;
  return { url: server.url, giveBack: () => (server.lent = false) };
}

/**
 * Node.js, with `lendEmbeddedPostgres()`: an embedded database takes longer to start than most suites take to run, so it
 * is not started anew for each.
 */
module.exports = class extends NodeEnvironment {
  async setup() {
    await super.setup();
    this.global.lendEmbeddedPostgres = lendEmbeddedPostgres;
  }
};
