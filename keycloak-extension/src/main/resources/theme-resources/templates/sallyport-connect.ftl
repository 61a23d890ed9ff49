<#import "sallyport.ftl" as s>
<@s.frame title=msg("sallyportConnectTitle")>
<h1><@s.say key="sallyportConnectHead" value=page.server class="name"/></h1>
<p class="about"><@s.say key="sallyportConnectWhy" value=page.server/></p>
<form method="post" action="${url.loginAction}" class="decide">
  <button type="submit" name="decision" value="deny">${msg("sallyportConnectStop")}</button>
  <a class="button main" href="${page.connect}">${msg("sallyportConnectAgain")}</a>
</form>
<p class="foot"><@s.say key="sallyportSignedIn" value=page.user/></p>
</@s.frame>
