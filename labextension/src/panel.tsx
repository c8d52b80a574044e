// The sidebar's one view: what needs you, and the models of the registry, each with what is in production.

import { ReactWidget, UseSignal, refreshIcon } from '@jupyterlab/ui-components';
import { TranslationBundle } from '@jupyterlab/translation';
import { Message } from '@lumino/messaging';
import * as React from 'react';

import { layersIcon } from './icon';
import { IModelList, ListState } from './tokens';
import { Row } from './row';
import { NeedsYou } from './waiting';

const TYPING_PAUSE = 200; // milliseconds without a key until a search begins

export class ModelsPanel extends ReactWidget {
  constructor(
    private readonly list: IModelList,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.id = 'nb-mlops-panel';
    this.addClass('nbm-Panel');
    this.title.icon = layersIcon;
    this.title.caption = trans.__('Models (nb_mlops)');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Models (nb_mlops)'));
  }

  protected render(): JSX.Element {
    return (
      <>
        <Header list={this.list} trans={this.trans} />
        <Search list={this.list} trans={this.trans} />
        <UseSignal signal={this.list.changed}>
          {() => <Body list={this.list} state={this.list.state} trans={this.trans} />}
        </UseSignal>
      </>
    );
  }

  protected onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    document.addEventListener('visibilitychange', this);
  }

  protected onBeforeDetach(msg: Message): void {
    document.removeEventListener('visibilitychange', this);
    super.onBeforeDetach(msg);
  }

  protected onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    void this.list.refresh();
  }

  /** Back from another browser tab: a kernel or a colleague may have registered something. */
  handleEvent(event: Event): void {
    if (event.type === 'visibilitychange' && !document.hidden && this.isVisible) {
      void this.list.refresh();
    }
  }
}

interface IProps {
  readonly list: IModelList;
  readonly trans: TranslationBundle;
}

function Header({ list, trans }: IProps): JSX.Element {
  return (
    <div className="nbm-Header">
      <h2 className="nbm-Header-title">{trans.__('Models')}</h2>
      <button
        className="jp-Button jp-mod-minimal nbm-Refresh"
        title={trans.__('Refresh')}
        aria-label={trans.__('Refresh the list of models')}
        onClick={() => void list.refresh()}
      >
        <refreshIcon.react tag="span" />
      </button>
    </div>
  );
}

/** Asks once the typing pauses, so that ten letters are not ten requests. */
function Search({ list, trans }: IProps): JSX.Element {
  const [text, setText] = React.useState(list.text);
  React.useEffect(() => {
    if (text === list.text) {
      return;
    }
    const pause = setTimeout(() => void list.search(text), TYPING_PAUSE);
    return () => clearTimeout(pause);
  }, [text, list]);
  return (
    <input
      type="search"
      className="jp-mod-styled nbm-Search"
      placeholder={trans.__('Search models')}
      aria-label={trans.__('Search models')}
      value={text}
      onChange={event => setText(event.target.value.trim())}
    />
  );
}

function Body({ list, state, trans }: IProps & { readonly state: ListState }): JSX.Element {
  switch (state.kind) {
    case 'loading':
      return <Notice role="status">{trans.__('Reading the registry…')}</Notice>;
    case 'missing':
      return (
        <Notice role="alert">
          {trans.__('The server side of nb_mlops does not answer. On the machine of the server:')}
          <pre>pip install nb-mlops{'\n'}jupyter server extension enable nb_mlops</pre>
        </Notice>
      );
    case 'other-version':
      return (
        <Notice role="alert">
          {trans.__(
            'The server has nb_mlops %1, this page %2. Reload the page; if that does not help, restart the server.',
            state.server,
            state.page
          )}
        </Notice>
      );
    case 'failed':
      return (
        <Notice role="alert">
          <strong>{state.message}</strong>
          {state.hint && <p>{state.hint}</p>}
        </Notice>
      );
    case 'listed':
      return <Models list={list} state={state} trans={trans} />;
  }
}

function Notice(props: { role: string; children: React.ReactNode }): JSX.Element {
  return (
    <div className="nbm-Notice" role={props.role}>
      {props.children}
    </div>
  );
}

function Models(props: IProps & { state: Extract<ListState, { kind: 'listed' }> }): JSX.Element {
  const { list, state, trans } = props;
  const count = state.models.length;
  return (
    <div className="nbm-Models">
      {!list.text && <NeedsYou waiting={state.waiting} trans={trans} />}
      <p className="nbm-Count" role="status" title={state.registry}>
        {count === 0 && list.text
          ? trans.__('No name holds “%1”.', list.text)
          : count === 0
            ? // The magics are arguments: in a translated text a double % is one.
              trans.__(
                'No models yet. In a notebook: %1, then %2.',
                '%load_ext nb_mlops',
                '%%register'
              )
            : state.hasMore
              ? trans.__('The first %1 models', count)
              : trans._n('%1 model', '%1 models', count)}
      </p>
      <ul className="nbm-List">
        {state.models.map(model => (
          <Row key={model.name} model={model} trans={trans} />
        ))}
      </ul>
      {state.hasMore && (
        <button className="jp-Button jp-mod-styled nbm-More" onClick={() => void list.more()}>
          {trans.__('Show more')}
        </button>
      )}
    </div>
  );
}
