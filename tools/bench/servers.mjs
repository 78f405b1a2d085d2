/** Starts the measured servers, and reads their probe. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PROBE = new URL('./probe.mjs', import.meta.url).href;
const START_TIMEOUT_MS = 60_000;

/** @returns a server on a free port: its `url`, `usage()` since the last call, and `stop()`. */
export async function startServer(program, environment) {
  const port = await freePort();
  const child = fork(fileURLToPath(program), [], {
    env: { ...process.env, ...environment, PORT: String(port), HOST: '127.0.0.1' },
    execArgv: ['--import', PROBE],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await listening(port, child);
  return {
    url: `http://127.0.0.1:${port}`,
    usage: async () => {
      child.send('usage');
      const [usage] = await once(child, 'message');
      return usage;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function listening(port, child) {
  for (const end = Date.now() + START_TIMEOUT_MS; Date.now() < end; await sleep(100)) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.at(-1)} exited during startup`);
    const socket = connect(port, '127.0.0.1');
    const isListening = await Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise((resolve) => socket.once('error', () => resolve(false))),
    ]);
    socket.destroy();
    if (isListening) return;
  }
  throw new Error(`${child.spawnargs.at(-1)} did not listen within ${START_TIMEOUT_MS / 1000} s`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
