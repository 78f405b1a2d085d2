import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type INestApplication, Logger } from '@nestjs/common';

const LOOK_MS = 100;

/** @returns what closes the app: it accepts no more connections, lets what runs finish, and after the grace resets the rest. */
export function gracefulClose(app: INestApplication, graceSeconds: number): () => Promise<void> {
  const server: Server = app.getHttpServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  return async () => {
    server.close();
    // A connection becomes idle when its response has ended, and would be kept for the next request.
    const idle = setInterval(() => server.closeIdleConnections(), LOOK_MS);
    const deadline = setTimeout(() => {
      new Logger('Api').warn(
        `${sockets.size} connections were reset, since SHUTDOWN_GRACE (${graceSeconds} s) is over`,
      );
      // A mere end might be taken for the end of a file.
      for (const socket of sockets) socket.resetAndDestroy();
    }, graceSeconds * 1000);
    try {
      await app.close();
    } finally {
      clearInterval(idle);
      clearTimeout(deadline);
    }
  };
}
