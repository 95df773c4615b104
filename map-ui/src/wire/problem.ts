// A refusal or fault as the server tells it (RFC 9457): a code, typed parameters and the field; screens translate the
// code, the English `detail` is for logs.
import type { Problem as Told } from "./views";

export class Problem extends Error {
  override readonly name = "Problem";
  constructor(
    readonly status: number,
    readonly code: string,
    readonly params: Readonly<Record<string, unknown>>,
    detail: string,
  ) {
    super(detail);
  }

  /** Whether the same command may be sent again with the same id. */
  get retriable(): boolean {
    return (
      this.status === 0 ||
      this.status === 429 ||
      this.status === 502 ||
      this.status === 503 ||
      this.status === 504
    );
  }
}

/** Reads a problem document; anything else becomes `http_<status>`. */
export async function problemOf(response: Response): Promise<Problem> {
  // Not every refusal on the way is ours: a proxy answers in its own words.
  const told = (await response.json().catch(() => undefined)) as Partial<Told> | undefined;
  const { code, detail, params, ...rest } = told ?? {};
  return new Problem(
    response.status,
    typeof code === "string" ? code : `http_${response.status}`,
    { ...rest, ...params },
    detail ?? response.statusText,
  );
}
