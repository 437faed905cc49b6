namespace TransferLearning.ZeroShot;

/// <summary>Where a translation's language is named.</summary>
public enum LanguageMark
{
    /// <summary>By the source's first token, the paper's place.</summary>
    Source,

    /// <summary>By the token that the translation starts from.</summary>
    Translation,

    /// <summary>By both.</summary>
    Both,

    /// <summary>Nowhere: the network must guess, and a measure of what the token does is at hand.</summary>
    None,
}
