import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type INestApplication, Logger } from '@nestjs/common';
import { CallsExportService } from 'nestjs-calls-export';

const LOOK_MS = 100;
/** So long an export that is stopped has to give back what it holds, and to leave its line in the log. */
const STOP_MS = 1_000;

/** How an app is closed. */
export interface GracefulClose {
  /** Accepts no more connections, lets what runs finish, and after the grace resets the rest. */
  close(): Promise<void>;
  /** Ends the grace. */
  hurry(): void;
  /** Resets all connections at once, as a process must that is about to end. */
  reset(): void;
}

/** @param graceSeconds how long what runs has to finish. */
export function gracefulClose(app: INestApplication, graceSeconds: number): GracefulClose {
  const server: Server = app.getHttpServer();
  const logger = new Logger('Api');
  /** The connections, each with the number of its responses that are not over. */
  const sockets = new Map<Socket, number>();
  let endGrace: ((reason: string) => void) | undefined;

  const closeIfIdle = (socket: Socket) => {
    if (sockets.get(socket) === 0 && socket.writableLength === 0) socket.destroy();
  };
  server.on('connection', (socket: Socket) => {
    sockets.set(socket, 0);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    sockets.set(socket, (sockets.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const running = sockets.get(socket);
      if (running !== undefined) sockets.set(socket, running - 1);
    });
  });
  // Node's own takes a connection for idle whose last response has ended but is still being sent.
  server.closeIdleConnections = () => {
    for (const socket of sockets.keys()) closeIfIdle(socket);
  };

  const reset = () => {
    // A mere end might be taken for the end of a file.
    for (const socket of sockets.keys()) socket.resetAndDestroy();
  };

  const cutOff = (reason: string) => {
    endGrace = undefined;
    const { size } = sockets;
    app.get(CallsExportService).stopAll(reason);
    setTimeout(reset, STOP_MS).unref();
    logger.warn(`${size} connections were reset, since ${reason}`);
  };

  return {
    async close() {
      endGrace = cutOff;
      const graceOver = `SHUTDOWN_GRACE (${graceSeconds} s) is over`;
      const grace = setTimeout(() => endGrace?.(graceOver), graceSeconds * 1000);
      // A connection becomes idle when its response has ended, and would be kept for the next request.
      const idle = setInterval(() => server.closeIdleConnections(), LOOK_MS);
      try {
        await app.close();
      } finally {
        clearInterval(idle);
        clearTimeout(grace);
      }
    },
    hurry: () => endGrace?.('the process was told again to stop'),
    reset,
  };
}
