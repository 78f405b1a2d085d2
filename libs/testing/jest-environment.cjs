const { fork } = require('node:child_process');
const { once } = require('node:events');
const { join } = require('node:path');
const { TestEnvironment: NodeEnvironment } = require('jest-environment-node');

/** The embedded databases of this Jest worker. Test files reuse them. */
const servers = [];

/** Acquires a database that no suite is using, or starts one. */
async function acquireEmbeddedPostgres() {
  let server = servers.find(({ child, inUse }) => !inUse && child.connected);
  if (!server) {
    const child = fork(join(__dirname, 'embedded-server.cjs'), {
      execArgv: [],
      // Must not depend on the time zone of the suite that starts it.
      env: { ...process.env, TZ: 'UTC' },
    });
    server = { child, inUse: true };
    servers.push(server);
    const failed = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`The embedded database ended with ${code ?? signal}`);
    });
    // Later exits are ignored.
    failed.catch(() => undefined);
    [server.url] = await Promise.race([once(child, 'message'), failed]);
    // Don't keep Jest running. The child exits with Jest.
    child.unref();
    child.channel.unref();
  }
  server.inUse = true;
  return { url: server.url, release: () => (server.inUse = false) };
}

/**
 * The Node.js environment with `acquireEmbeddedPostgres()`. Suites share embedded databases, because one
 * takes longer to start than most suites to run.
 */
module.exports = class extends NodeEnvironment {
  async setup() {
    await super.setup();
    this.global.acquireEmbeddedPostgres = acquireEmbeddedPostgres;
  }
};
