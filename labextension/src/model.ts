// The list behind the panel: fetches, keeps one state, signals when it changes. No DOM here.

import { ISignal, Signal } from '@lumino/signaling';

import { Api, Refused, ServerMissing } from './api';
import { IModelList, IModelRow, IWaiting, ListState } from './tokens';

export class ModelList implements IModelList {
  constructor(
    private readonly api: Api,
    private readonly version: string
  ) {}

  get state(): ListState {
    return this._state;
  }

  get changed(): ISignal<IModelList, void> {
    return this._changed;
  }

  get text(): string {
    return this._text;
  }

  async search(text: string): Promise<void> {
    this._text = text;
    await this.refresh();
  }

  /** The first page anew; what is listed stays in view until the answer is there. */
  async refresh(): Promise<void> {
    const turn = ++this._turn;
    const state = await this.firstPage();
    if (turn === this._turn) {
      this.become(state);
    }
  }

  /** The next page, added below what is listed. */
  async more(): Promise<void> {
    const state = this._state;
    if (state.kind !== 'listed' || this._next === null) {
      return;
    }
    const turn = ++this._turn;
    const models = [...state.models];
    const next = await this.page(this._next, models).catch(failure);
    if (turn === this._turn) {
      this.become(isState(next) ? next : this.listed(state.registry, models, state.waiting, next));
    }
  }

  private async firstPage(): Promise<ListState> {
    try {
      const status = await this.api.status();
      if (status.version !== this.version) {
        return { kind: 'other-version', server: status.version, page: this.version };
      }
      const models: IModelRow[] = [];
      const [next, waiting] = await Promise.all([this.page(null, models), this.api.pending()]);
      return this.listed(status.registry, models, waiting, next);
    } catch (reason) {
      return failure(reason);
    }
  }

  private async page(cursor: string | null, into: IModelRow[]): Promise<string | null> {
    const page = await this.api.models(this._text, cursor);
    into.push(...page.models);
    return page.next;
  }

  private listed(
    registry: string,
    models: readonly IModelRow[],
    waiting: readonly IWaiting[],
    next: string | null
  ): ListState {
    this._next = next;
    return { kind: 'listed', registry, models, waiting, hasMore: next !== null };
  }

  private become(state: ListState): void {
    this._state = state;
    this._changed.emit();
  }

  private _state: ListState = { kind: 'loading' };
  private _text = '';
  private _next: string | null = null;
  // Answers may overtake each other: only the one asked for last counts.
  private _turn = 0;
  private readonly _changed = new Signal<this, void>(this);
}

function failure(reason: unknown): ListState {
  if (reason instanceof ServerMissing) {
    return { kind: 'missing' };
  }
  const message = reason instanceof Error ? reason.message : String(reason);
  return { kind: 'failed', message, hint: reason instanceof Refused ? reason.hint : '' };
}

function isState(found: ListState | string | null): found is ListState {
  return found !== null && typeof found !== 'string';
}
