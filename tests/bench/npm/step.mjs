// SPDX-License-Identifier: Apache-2.0
// The peer of step_pure: nodes a second that npm bpmn-engine passes in the model of bench_step.c, parsed once, one instance
// after the other. Prints one number. Its condition is a variable that is ready, so that no script runs.
import BpmnModdle from 'bpmn-moddle';
import { Engine } from 'bpmn-engine';
import * as elements from 'bpmn-elements';
import serializer, { TypeResolver } from 'moddle-context-serializer';

const seconds = Number(process.argv[2] || 5);
const NODES_PASSED = 12; // as bench_step.c counts: start, split, three tasks, the join by three flows, choice, task, merge, end

const flows = ['s split', 'split a', 'split b', 'split c', 'a join', 'b join', 'c join', 'join which', 'which d', 'which e', 'd merge',
  'e merge', 'merge end'];
const source = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    targetNamespace="urn:bench"><process id="p" isExecutable="true"><startEvent id="s"/><parallelGateway id="split"/>
  ${['a', 'b', 'c', 'd', 'e'].map((id) => `<task id="${id}"/>`).join('')}<parallelGateway id="join"/>
  <exclusiveGateway id="which" default="f9"/><exclusiveGateway id="merge"/><endEvent id="end"/>
  ${flows.map((flow, i) => `<sequenceFlow id="f${i}" sourceRef="${flow.split(' ')[0]}" targetRef="${flow.split(' ')[1]}">${
    i === 8 ? '<conditionExpression xsi:type="tFormalExpression">${environment.variables.large}</conditionExpression>' : ''
  }</sequenceFlow>`).join('')}</process></definitions>`;

const sourceContext = serializer(await new BpmnModdle().fromXML(source), TypeResolver(elements));

function instance() {
  return new Promise((resolve, reject) => {
    const engine = new Engine({ name: 'bench', sourceContext, settings: { disableTrackState: true } });
    engine.once('end', resolve);
    engine.once('error', reject);
    engine.execute({ variables: { large: false } }).catch(reject);
  });
}

// That it took the way that is counted.
const first = (await instance()).definitions[0].getProcesses()[0];
const passed = first.getActivities().map((a) => [a.id, a.counters.taken]).filter(([, n]) => n).map(([id, n]) => `${id} ${n}`).join(', ');
if (passed !== 's 1, split 1, a 1, b 1, c 1, e 1, join 1, which 1, merge 1, end 1') throw new Error(`another way: ${passed}`);

let instances = 0;
const began = performance.now();
do {
  for (let i = 0; i < 20; i++, instances++) await instance();
} while (performance.now() - began < seconds * 1000);
console.log(Math.round((instances * NODES_PASSED * 1000) / (performance.now() - began)));
