import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AuditedExport } from '../export/export-audit';
import { withoutHostParameters } from './host-parameters';

/** The part of an Express or Fastify request that the audit reads. */
export interface AuditedRequest {
  readonly headers: IncomingHttpHeaders;
  /** The query parameters, unparsed. */
  readonly query: object;
  /** The claims of the token. */
  readonly user?: unknown;
}

/**
 * Returns what the audit log records of a request.
 *
 * @param hostParameters names of query parameters to omit: they belong to the host app and may hold secrets.
 */
export function auditedRequest(
  { headers, query, user }: AuditedRequest,
  hostParameters: readonly string[],
): Pick<AuditedExport, 'requestId' | 'subject' | 'parameters'> {
  const given = headers['x-request-id'];
  return {
    requestId: typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID(),
    subject: (user as { sub?: unknown } | undefined)?.sub,
    parameters: withoutHostParameters(query, hostParameters),
  };
}
