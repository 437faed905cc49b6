using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// Images that a generator made in earlier steps: a critic that sees them, too, does not follow the generator's last
/// step alone.
/// </summary>
/// <remarks>
/// Until the pool is full every new image enters it and is shown. Then, one by one, an image is shown itself, or, with
/// probability one half, a drawn image of the pool is shown and the new one takes its place (Shrivastava et al. 2017,
/// section 2.3, in the form of Zhu et al. 2017).
/// </remarks>
/// <param name="size">How many images it holds; 0 for none.</param>
internal sealed class ImagePool(int size)
{
    private Tensor? images;

    /// <summary>How many images are in it.</summary>
    public long Count => images?.shape[0] ?? 0;

    /// <summary>What is shown in the place of some new images, and the pool after it; changes nothing.</summary>
    /// <param name="made">New images <c>[n, ...]</c>, without a graph.</param>
    /// <param name="key">The draws' key.</param>
    public ImageDraw Draw(Tensor made, RandomKey key)
    {
        var (count, before) = ((int)made.shape[0], (int)Count);
        if (size == 0)
        {
            return new ImageDraw(made, null);
        }
        // Rows of the pool first, those of the new images after them.
        var all = before == 0 ? made : cat([images!.to(made.dtype), made]);
        using var generator = key.Generator();
        using var drawn = rand([count, 2], dtype: float64, generator: generator);
        var draws = drawn.data<double>().ToArray();
        var (pool, shown) = (Enumerable.Range(0, before).Select(row => (long)row).ToList(), new long[count]);
        for (var i = 0; i < count; i++)
        {
            shown[i] = before + i;
            if (pool.Count < size)
            {
                pool.Add(before + i);
            }
            else if (draws[2 * i] > 0.5)
            {
                var place = (int)(draws[(2 * i) + 1] * size);
                (shown[i], pool[place]) = (pool[place], before + i);
            }
        }
        return new ImageDraw(
            all.index_select(0, tensor(shown, device: all.device)),
            all.index_select(0, tensor(pool, device: all.device))
        );
    }

    /// <summary>Makes a draw's pool the pool.</summary>
    public void Keep(ImageDraw draw)
    {
        if (draw.Pool is { } next)
        {
            var kept = next.clone().DetachFromDisposeScope();
            images?.Dispose();
            images = kept;
        }
    }

    /// <summary>Empties the pool.</summary>
    public void Forget()
    {
        images?.Dispose();
        images = null;
    }

    /// <summary>Writes or reads the images.</summary>
    public void Exchange(StateBag state) => state.Slot("images", ref images);
}
