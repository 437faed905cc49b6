namespace TransferLearning.SelfSupervision;

/// <summary>Whose rows a self-supervised objective looks at.</summary>
public enum ViewedDomains
{
    /// <summary>Rows of all sources and of the target, in one batch.</summary>
    All,

    /// <summary>Rows of the sources.</summary>
    Sources,

    /// <summary>Rows of the target.</summary>
    Target,
}
