import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { reasonOf } from '../model/export-errors';
import { Connections } from './connections';
import type { Dialect } from './dialects/dialect';
import { isUnreachable } from './transient-error';

/** A replica that can't be reached is left alone for so long; then one export tries it. */
const RETRY_MS = 5_000;

/**
 * The servers that calls are read from: the replicas or, where there are none, the primary. A replica that can't be reached may be
 * replaced by another one or the primary before an export begins, never in its middle: they are not at the same state.
 */
export class ServerSelector {
  private readonly logger = new Logger(ServerSelector.name);
  private readonly all: [Connections, ...Connections[]];
  private readonly primary: Connections | undefined;
  /** When each replica that can't be reached is tried again. */
  private readonly away = new Map<Connections, number>();

  /**
   * @param timeout how many seconds the database has to answer.
   * @param primaryFallback whether the primary is read from while no replica can be reached.
   */
  constructor(dataSource: DataSource, dialect: Dialect, timeout: number, primaryFallback: boolean) {
    this.all = Connections.ofEachServer(dataSource, dialect, timeout);
    if (primaryFallback && this.all[0].isReplica) {
      this.primary = Connections.of(dataSource, dialect, timeout);
    }
  }

  /** Begins to read on one of them, at random. */
  async begin<T>(work: (server: Connections) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { primary } = this;
    if (!primary) return work(oneOf(this.all) as Connections);
    for (;;) {
      const replica = oneOf(this.all.filter((server) => this.mayTry(server)));
      if (!replica) return work(primary);
      // The others do not wait for what this one finds out.
      if (this.away.has(replica)) this.away.set(replica, performance.now() + RETRY_MS);
      if (!(await this.isReached(replica, signal))) continue;
      try {
        const result = await work(replica);
        if (this.away.delete(replica)) this.logger.log('A replica can be reached again');
        return result;
      } catch (error) {
        if (signal?.aborted || !isUnreachable(error)) throw error;
        this.leave(replica, error);
      }
    }
  }

  /** Whatever keeps it from connecting, such as a certificate that has expired. */
  private async isReached(replica: Connections, signal?: AbortSignal): Promise<boolean> {
    try {
      await replica.until(signal).use(async () => {});
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      this.leave(replica, error);
      return false;
    }
  }

  private mayTry(server: Connections): boolean {
    return performance.now() >= (this.away.get(server) ?? 0);
  }

  private leave(replica: Connections, error: unknown): void {
    if (!this.away.has(replica)) {
      this.logger.warn(
        `A replica can't be reached, so exports begin on another server: ${reasonOf(error)}`,
      );
    }
    this.away.set(replica, performance.now() + RETRY_MS);
  }
}

/** One of them, at random; undefined if there is none. */
function oneOf<T>(servers: readonly T[]): T | undefined {
  return servers[Math.floor(Math.random() * servers.length)];
}
