/**
 * The part of a request that the library relies on.
 *
 * @publicApi
 */
export interface ExportRequest {
  /** The user that your guard attached to the request. */
  readonly user?: unknown;
}
