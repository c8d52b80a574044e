// The only file that knows URLs: asks the nb_mlops server extension, and turns its refusals into errors.

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { IModelPage, IServerStatus, IWaiting } from './tokens';

const ROOT = 'nb-mlops/api/v1';

/** The server answered and said no; `hint` is what to do next. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly hint: string
  ) {
    super(message);
  }
}

/** Nobody answers at our address: the Python half is not there, or not enabled. */
export class ServerMissing extends Error {}

export class Api {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  async status(): Promise<IServerStatus> {
    return (await this.get('status')) as IServerStatus;
  }

  async models(text: string, cursor: string | null): Promise<IModelPage> {
    const asked = { ...(text && { text }), ...(cursor !== null && { cursor }) };
    return (await this.get('models' + URLExt.objectToQueryString(asked))) as IModelPage;
  }

  async pending(): Promise<readonly IWaiting[]> {
    return ((await this.get('pending')) as { waiting: readonly IWaiting[] }).waiting;
  }

  private async get(path: string): Promise<unknown> {
    const url = URLExt.join(this.settings.baseUrl, ROOT, path);
    const response = await ServerConnection.makeRequest(url, { method: 'GET' }, this.settings);
    const body = await readJson(response);
    if (response.ok) {
      return body;
    }
    const error = errorIn(body);
    // A 404 of ours has our body; Jupyter's own says that the route is unknown.
    if (error === null && response.status === 404) {
      throw new ServerMissing();
    }
    throw new Refused(response.status, error?.message ?? response.statusText, error?.hint ?? '');
  }
}

/** The body as JSON, or null: a proxy on the way may answer with a page of its own. */
async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function errorIn(body: unknown): { message: string; hint: string } | null {
  const error = (body as { error?: { message?: unknown; hint?: unknown } } | null)?.error;
  if (typeof error?.message !== 'string') {
    return null;
  }
  return { message: error.message, hint: typeof error.hint === 'string' ? error.hint : '' };
}
