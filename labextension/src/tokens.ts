// The words of the sidebar: what the server tells, and what the views may ask of the model behind them.

import { Token } from '@lumino/coreutils';
import { ISignal } from '@lumino/signaling';

export namespace CommandIDs {
  export const open = 'nb-mlops:open';
  export const refresh = 'nb-mlops:refresh';
}

/** One row of the list: a model, its newest version, and where its aliases point. */
export interface IModelRow {
  readonly name: string;
  readonly stakes: string;
  readonly owner: string;
  /** The newest version's number; 0 where none is left. */
  readonly latest: number;
  /** Alias to version number, such as { production: 3 }. */
  readonly aliases: { readonly [alias: string]: number };
  /** What must not be overlooked: unreviewed emergencies, open critical findings. */
  readonly alerts: readonly string[];
}

/** One thing that waits for the person who acts here. */
export interface IWaiting {
  /** approval, review, note, finding, stakes or policy. */
  readonly what: string;
  /** A version, a model, or `registry`. */
  readonly ref: string;
  readonly alias: string;
  /** Who asked, moved or opened it. */
  readonly actor: string;
  /** ISO 8601, or null where nothing is due. */
  readonly due: string | null;
  readonly severity: string;
  readonly comment: string;
  /** What to run in a notebook. */
  readonly how: string;
}

export interface IModelPage {
  readonly models: readonly IModelRow[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
}

export interface IServerStatus {
  readonly version: string;
  readonly registry: string;
}

/** What the panel shows; exactly one of these at a time. */
export type ListState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'other-version'; readonly server: string; readonly page: string }
  | { readonly kind: 'failed'; readonly message: string; readonly hint: string }
  | {
      readonly kind: 'listed';
      readonly registry: string;
      readonly models: readonly IModelRow[];
      readonly waiting: readonly IWaiting[];
      readonly hasMore: boolean;
    };

/** The list of models as the sidebar knows it: a state, a signal when it changes, three verbs. */
export interface IModelList {
  readonly state: ListState;
  /** What was searched for last. */
  readonly text: string;
  readonly changed: ISignal<IModelList, void>;
  /** Only models whose name holds this text; all where it is empty. */
  search(text: string): Promise<void>;
  refresh(): Promise<void>;
  more(): Promise<void>;
}

export const IModelList = new Token<IModelList>(
  '@nb-mlops/labextension:IModelList',
  'The registered models, as the nb_mlops sidebar lists them.'
);
