import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { AuditedExport } from '../export/export-audit';
import { withoutHostParameters } from './host-parameters';

/** A request, as far as Express and Fastify have it in common and the audit looks at it. */
export interface AuditedRequest {
  readonly headers: IncomingHttpHeaders;
  /** The parameters, as the client gave them. */
  readonly query: object;
  /** The claims of the token. */
  readonly user?: unknown;
}

/**
 * What the audit tells of a request.
 *
 * @param hostParameters parameters that are no part of the export, and may hold secrets.
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
