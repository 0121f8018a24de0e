// wavesurfer.js as the page's policies allow it, loaded when the first waveform is drawn.
/*!
wavesurfer.js
BSD 3-Clause License

Copyright (c) 2012-2023, katspaugh and contributors
All rights reserved.

Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

* Redistributions of source code must retain the above copyright notice, this
  list of conditions and the following disclaimer.

* Redistributions in binary form must reproduce the above copyright notice,
  this list of conditions and the following disclaimer in the documentation
  and/or other materials provided with the distribution.

* Neither the name of the copyright holder nor the names of its
  contributors may be used to endorse or promote products derived from
  this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
*/
import WaveSurfer, { type WaveSurferOptions } from "wavesurfer.js";

// What its renderer writes as HTML, but for its style element, which the Content-Security-Policy refuses.
const skeleton = `<div class="scroll" part="scroll"><div class="wrapper" part="wrapper">
<div class="canvases" part="canvases"></div><div class="progress" part="progress"></div><div class="cursor" part="cursor"></div>
</div></div>`;

const style = new CSSStyleSheet();
style.replaceSync(`
.scroll { position: relative; width: 100%; overflow: hidden; }
.wrapper { position: relative; z-index: 2; }
.canvases { pointer-events: none; }
:is(.canvases, .progress) > div { position: relative; }
canvas { display: block; position: absolute; top: 0; }
:is(.progress, .cursor) { position: absolute; top: 0; left: 0; height: 100%; pointer-events: none; }
.progress { z-index: 2; width: 0; overflow: hidden; }
.cursor { z-index: 5; }
`);

interface Policies {
  createPolicy(name: "default", rules: { createHTML(html: string): string | null }): unknown;
}

// The page's only way from a string to HTML: whatever is given, nothing but these two constants comes out.
(window as { trustedTypes?: Policies }).trustedTypes?.createPolicy("default", {
  createHTML: (html) => (html === "" ? "" : html.includes(`part="scroll"`) ? skeleton : null),
});

export function makeWaveSurfer(options: WaveSurferOptions): WaveSurfer {
  const made = WaveSurfer.create(options);
  (made.getWrapper().getRootNode() as ShadowRoot).adoptedStyleSheets = [style];
  return made;
}
