namespace TransferLearning.Vision;

/// <summary>What an <see cref="ImageFolder"/> does with files that cannot be decoded.</summary>
public enum BrokenImages
{
    /// <summary>An error that names the file, when it is read.</summary>
    Refuse,

    /// <summary>
    /// Every file is decoded once when the folder is opened; broken ones are left out and listed in
    /// <see cref="ImageFolder.Skipped"/>.
    /// </summary>
    Skip,
}
