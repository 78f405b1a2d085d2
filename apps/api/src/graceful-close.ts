import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type INestApplication, Logger } from '@nestjs/common';
import { CallsExportService } from 'nestjs-calls-export';

const IDLE_CHECK_MS = 100;
/** How long a stopped export may take to release its resources and to write its log line. */
const STOP_MS = 1_000;

/** Closes an app gracefully. */
export interface GracefulClose {
  /** Stops accepting connections, lets responses finish, and resets the rest after the grace period. */
  close(): Promise<void>;
  /** Ends the grace period now. */
  endGracePeriod(): void;
  /** Resets all connections, as a process must do before it exits. */
  reset(): void;
}

/**
 * Tracks the connections of an app, so that it can be closed gracefully. Call it before the app listens.
 *
 * @param graceSeconds how long responses may take to finish.
 */
export function gracefulClose(app: INestApplication, graceSeconds: number): GracefulClose {
  const server: Server = app.getHttpServer();
  const logger = new Logger('Api');
  /** The open connections, each with its number of unfinished responses. */
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
  // Node.js would also close connections that are still sending their last response.
  server.closeIdleConnections = () => {
    for (const socket of sockets.keys()) closeIfIdle(socket);
  };

  const reset = () => {
    // An orderly close could look like the end of a file.
    for (const socket of sockets.keys()) socket.resetAndDestroy();
  };

  const cutOff = (reason: string) => {
    endGrace = undefined;
    const { size } = sockets;
    app.get(CallsExportService).stopAll(reason);
    setTimeout(reset, STOP_MS).unref();
    logger.warn(`Reset ${size} connection${size === 1 ? '' : 's'}: ${reason}`);
  };

  return {
    async close() {
      endGrace = cutOff;
      const expired = `SHUTDOWN_GRACE (${graceSeconds} s) expired`;
      const grace = setTimeout(() => endGrace?.(expired), graceSeconds * 1000);
      // Connections become idle as their responses end; keep-alive would hold them open.
      const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
      try {
        await app.close();
      } finally {
        clearInterval(idle);
        clearTimeout(grace);
      }
    },
    endGracePeriod: () => endGrace?.('the process received a second stop signal'),
    reset,
  };
}
