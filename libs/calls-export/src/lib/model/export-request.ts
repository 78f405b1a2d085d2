/** A request, as far as the library assumes anything of it. */
export interface ExportRequest {
  /** What the host's guard has found out about who asks. */
  readonly user?: unknown;
}
