// What JupyterLab loads: the list of models as a service, and the sidebar panel that shows it.

import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';

import { Api } from './api';
import { layersIcon } from './icon';
import { ModelList } from './model';
import { ModelsPanel } from './panel';
import { CommandIDs, IModelList } from './tokens';
import { VERSION } from './version';

const NO_ARGUMENTS = { args: { type: 'object', properties: {} } };

const models: JupyterFrontEndPlugin<IModelList> = {
  id: '@nb-mlops/labextension:models',
  description: 'Knows the models of the nb_mlops registry.',
  autoStart: true,
  provides: IModelList,
  activate: app => new ModelList(new Api(app.serviceManager.serverSettings), VERSION)
};

const sidebar: JupyterFrontEndPlugin<void> = {
  id: '@nb-mlops/labextension:sidebar',
  description: 'Shows the models, and what is in production, in the left sidebar.',
  autoStart: true,
  requires: [IModelList],
  optional: [ICommandPalette, ILayoutRestorer, ITranslator],
  activate: activateSidebar
};

function activateSidebar(
  app: JupyterFrontEnd,
  list: IModelList,
  palette: ICommandPalette | null,
  restorer: ILayoutRestorer | null,
  translator: ITranslator | null
): void {
  const trans = (translator ?? nullTranslator).load('nb_mlops');
  const panel = new ModelsPanel(list, trans);
  app.shell.add(panel, 'left', { rank: 650, type: 'Models' });
  restorer?.add(panel, panel.id);

  app.commands.addCommand(CommandIDs.open, {
    label: trans.__('Show Models'),
    caption: trans.__('Show the registered models and what is in production'),
    icon: layersIcon,
    describedBy: NO_ARGUMENTS,
    execute: () => app.shell.activateById(panel.id)
  });
  app.commands.addCommand(CommandIDs.refresh, {
    label: trans.__('Refresh Models'),
    icon: refreshIcon,
    describedBy: NO_ARGUMENTS,
    execute: () => list.refresh()
  });
  const category = trans.__('MLOps');
  palette?.addItem({ command: CommandIDs.open, category });
  palette?.addItem({ command: CommandIDs.refresh, category });
}

export default [models, sidebar];
