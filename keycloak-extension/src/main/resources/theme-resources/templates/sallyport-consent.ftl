<#import "sallyport.ftl" as s>
<#assign empty = page.groups?size == 0>
<@s.frame title=msg("sallyportConsentTitle")>
<div class="lead">
  <span class="monogram" aria-hidden="true">${page.client.initial}</span>
  <h1><#if page.client.domain?has_content><@s.say key="sallyportWants" value=page.client.domain class="name"/><#else><@s.say key="sallyportWantsQuoted" value=page.client.name class="name"/></#if> <@s.say key="sallyportToUse" value=page.server.title class="name"/></h1>
</div>

<#if page.notice == "nothing-ticked">
<p class="notice bad" role="alert">${msg("sallyportNothingTicked")}</p>
<#elseif page.notice == "changed">
<p class="notice bad" role="alert">${msg("sallyportChanged")}</p>
</#if>

<dl class="facts">
  <div class="fact">
    <dt>${msg("sallyportApp")}</dt>
    <dd>
      <#if page.client.domain?has_content>
      <strong><bdi>${page.client.domain}</bdi></strong> <span class="mark good"><@s.icon name="check"><path d="M5 12.5l4.5 4.5L19 7.5"/></@s.icon>${msg("sallyportVerified")}</span>
      <span class="hint"><@s.say key="sallyportCallsItself" value=page.client.name/></span>
      <#else>
      <strong><@s.say key="sallyportSaysItIs" value=page.client.name/></strong>
      <span class="hint">${msg("sallyportUnverified")}<#if page.destination.kind == "web" || page.destination.kind == "plain"> ${msg("sallyportJustStarted")}</#if></span>
      </#if>
    </dd>
  </div>
  <div class="fact">
    <dt>${msg("sallyportAnswer")}</dt>
    <dd>
      <strong class="address"><bdi>${page.destination.shown}</bdi></strong>
      <#if page.destination.kind == "computer">
      <span class="hint warn"><@s.icon name="alert"><path d="M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.1"/></@s.icon><span>${msg("sallyportComputer")}</span></span>
      <#elseif page.destination.kind == "app">
      <span class="hint warn"><@s.icon name="alert"><path d="M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.1"/></@s.icon><span>${msg("sallyportDeviceApp")}</span></span>
      <#elseif page.destination.kind == "plain">
      <span class="hint warn"><@s.icon name="alert"><path d="M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.1"/></@s.icon><span>${msg("sallyportPlain")}</span></span>
      <#elseif !page.destination.known>
      <span class="hint warn"><@s.icon name="alert"><path d="M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.1"/></@s.icon><span>${msg("sallyportFirstSeen")}</span></span>
      </#if>
    </dd>
  </div>
  <div class="fact">
    <dt>${msg("sallyportServer")}</dt>
    <dd>
      <strong><bdi>${page.server.title}</bdi></strong>
      <#if page.server.description?has_content><span class="hint"><bdi>${page.server.description}</bdi></span></#if>
      <span class="hint address"><bdi>${page.server.resource}</bdi></span>
    </dd>
  </div>
</dl>

<form method="post" action="${url.loginAction}" accept-charset="utf-8">
<input type="hidden" name="offer" value="${page.offer}">
<#if empty>
<p class="notice">${msg("sallyportNothingOffered")}</p>
<#else>
<h2>${msg("sallyportWhat")}</h2>
<#if page.nothingNew><p class="about">${msg("sallyportNothingNew")}</p>
<#elseif page.again><p class="about">${msg("sallyportMore")}</p>
<#else><p class="about">${msg("sallyportUntick")}</p></#if>
<#list page.groups as group>
<fieldset class="group ${group.effect}">
  <legend><#if group.effect == "read"><@s.icon name="read"><path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z"/><circle cx="12" cy="12" r="2.8"/></@s.icon>${msg("sallyportGroupRead")}<#elseif group.effect == "change"><@s.icon name="change"><path d="M4 20l1-4.5L15.8 4.7a1.6 1.6 0 0 1 2.3 0l1.2 1.2a1.6 1.6 0 0 1 0 2.3L8.5 19zM14 6.5l3.5 3.5"/></@s.icon>${msg("sallyportGroupChange")}<#else><@s.icon name="delete"><path d="M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10.3 11v5.5M13.7 11v5.5"/></@s.icon>${msg("sallyportGroupDelete")}</#if></legend>
  <#list group.sets as set>
  <#assign id = group.effect + set?index>
  <div class="set<#if set.demanded> demanded</#if>">
    <input type="checkbox" name="scope" value="${set.scope}" id="${id}" aria-describedby="${id}-about"<#if set.ticked> checked</#if>>
    <div class="set-text">
      <label for="${id}"><bdi>${set.title}</bdi></label><#if set.earlier> <span class="mark">${msg("sallyportEarlier")}</span><#elseif page.again> <span class="mark new">${msg("sallyportNew")}</span></#if>
      <div id="${id}-about">
      <#if set.description?has_content><p><bdi>${set.description}</bdi></p></#if>
      <#if set.includes?size != 0><p class="includes">${msg("sallyportIncludes")} <#list set.includes as other><bdi>${other}</bdi><#sep>, </#sep></#list></p></#if>
      </div>
      <#if set.tools?size != 0>
      <details><summary>${msg("sallyportTools")}</summary><ul><#list set.tools as tool><li><code>${tool}</code></li></#list><#if set.more != 0><li>${msg("sallyportMoreTools", set.more?c)}</li></#if></ul></details>
      </#if>
    </div>
  </div>
  </#list>
</fieldset>
</#list>
</#if>

<div class="decide">
  <button type="submit" name="decision" value="deny">${msg("sallyportDeny")}</button>
  <#if page.readOnly><button type="submit" name="decision" value="read">${msg("sallyportReadOnly")}</button></#if>
  <#if !empty><button type="submit" name="decision" value="allow" class="main">${msg("sallyportAllow")}</button></#if>
</div>
</form>
<p class="foot"><@s.say key="sallyportSignedIn" value=page.user/><#if !empty> ${msg("sallyportTakeBack")}</#if></p>
</@s.frame>
