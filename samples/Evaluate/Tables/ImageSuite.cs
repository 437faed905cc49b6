namespace Evaluate.Tables;

/// <summary>Images from their files, through pretrained networks.</summary>
internal static class ImageSuite
{
    /// <summary>The suite.</summary>
    public static Suite Suite { get; } = new("images", "Images through pretrained networks", PacsImages.Tables);
}
