import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { reasonOf } from '../model/export-errors';
import { Connections } from './connections';
import type { Dialect } from './dialects/dialect';
import { isUnreachable } from './transient-error';

/** How long an unreachable replica is skipped before one export tries it again. */
const RETRY_MS = 5_000;

/**
 * Chooses the server that an export reads from: a random replica or, if there are none, the primary.
 *
 * If a replica is unreachable, an export may start on another server. It never switches while it runs, since
 * replicas lag differently.
 */
export class ServerSelector {
  private readonly logger = new Logger(ServerSelector.name);
  private readonly all: [Connections, ...Connections[]];
  private readonly primary: Connections | undefined;
  /** The unreachable replicas, with the time from which each may be tried again. */
  private readonly unreachable = new Map<Connections, number>();

  /**
   * @param timeout statement timeout, in seconds.
   * @param primaryFallback whether to read from the primary while no replica is reachable.
   */
  constructor(dataSource: DataSource, dialect: Dialect, timeout: number, primaryFallback: boolean) {
    this.all = Connections.ofEachServer(dataSource, dialect, timeout);
    if (primaryFallback && this.all[0].isReplica) {
      this.primary = Connections.of(dataSource, dialect, timeout);
    }
  }

  /** Runs the work on a random server, or on another one if that is unreachable. */
  async run<T>(work: (server: Connections) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { primary } = this;
    if (!primary) return work(oneOf(this.all) as Connections);
    for (;;) {
      const replica = oneOf(this.all.filter((server) => this.mayTry(server)));
      if (!replica) return work(primary);
      // Other exports go on skipping the replica while this one tries it.
      if (this.unreachable.has(replica)) this.skip(replica);
      if (!(await this.canConnect(replica, signal))) continue;
      try {
        const result = await work(replica);
        if (this.unreachable.delete(replica)) this.logger.log('A replica is reachable again');
        return result;
      } catch (error) {
        if (signal?.aborted || !isUnreachable(error)) throw error;
        this.markUnreachable(replica, error);
      }
    }
  }

  /** Whether a replica accepts connections. Any failure counts, such as an expired certificate. */
  private async canConnect(replica: Connections, signal?: AbortSignal): Promise<boolean> {
    try {
      await replica.until(signal).use(async () => {});
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      this.markUnreachable(replica, error);
      return false;
    }
  }

  private mayTry(server: Connections): boolean {
    return performance.now() >= (this.unreachable.get(server) ?? 0);
  }

  private markUnreachable(replica: Connections, error: unknown): void {
    if (!this.unreachable.has(replica)) {
      this.logger.warn(
        `A replica is unreachable, so new exports use another server: ${reasonOf(error)}`,
      );
    }
    this.skip(replica);
  }

  private skip(replica: Connections): void {
    this.unreachable.set(replica, performance.now() + RETRY_MS);
  }
}

/** Returns a random server; undefined if there are none. */
function oneOf<T>(servers: readonly T[]): T | undefined {
  return servers[Math.floor(Math.random() * servers.length)];
}
